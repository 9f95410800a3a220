package envelopes

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"portico/modules/envelopes/seal"
	"portico/platform/auth"
	"portico/platform/brand"
	"portico/platform/day"
	"portico/platform/lang"
)

// letterhead is the firm's, as on its invoices.
func (d desk) letterhead(ctx context.Context, firm auth.Firm, in *lang.Reader) seal.Letterhead {
	l := seal.Letterhead{Lang: in.Code, Color: brand.Of(firm.BrandColor).Light.Brand, From: []string{firm.Name}}
	for line := range strings.Lines(firm.Address) {
		if line = strings.TrimSpace(line); line != "" {
			l.From = append(l.From, line)
		}
	}
	for _, line := range []string{firm.Phone, firm.Email} {
		if line != "" {
			l.From = append(l.From, line)
		}
	}
	l.Logo, l.LogoKind = d.Files.Logo(ctx, firm.ID, firm.LogoID)
	return l
}

// certificate is what the last pages of the final file tell.
func (d desk) certificate(ctx context.Context, tx bun.IDB, v auth.Viewer, firm auth.Firm, e Envelope, events []Event, now time.Time) (seal.Certificate, error) {
	zone, err := day.Zone(firm.Zone)
	if err != nil {
		zone = time.UTC
	}
	in, err := readerOf(ctx, tx, v, firm, e)
	if err != nil {
		return seal.Certificate{}, err
	}
	c := seal.Certificate{
		Letterhead: d.letterhead(ctx, firm, in), Reader: in, Title: e.Title, Kind: in.Say(e.Kind.Title()), ID: e.ID.String(), Firm: firm.Name, Made: now, Zone: zone,
		Head: hex.EncodeToString(e.Head),
	}
	origin, err := d.Links.Origin(ctx, v.FirmID())
	if err != nil {
		return c, err
	}
	c.VerifyAt = origin + "/verify"
	revisions, err := revisionsOf(ctx, tx, v, e.ID)
	if err != nil {
		return c, err
	}
	for _, r := range revisions {
		name := in.Say("Version %s, void", r.Revision)
		if r.ID == e.ID {
			name = in.Say("Version %s, as signed", r.Revision)
		}
		c.Versions = append(c.Versions, seal.Version{Name: name, SHA256: hex.EncodeToString(r.FileHash), At: r.SentAt})
	}
	for _, r := range e.Recipients {
		c.People = append(c.People, personOf(in, e, r, events, zone))
	}
	for _, what := range events {
		title := in.Say(what.Title())
		if what.Note != "" {
			title += ": " + what.noted(in)
		}
		c.Events = append(c.Events, seal.Event{
			At: what.At, What: title, Who: strings.TrimSpace(what.Name + "\n" + what.Email), From: what.IP, Hash: hex.EncodeToString(what.Hash)[:16],
		})
	}
	return c, nil
}

// roleWords name what a person was in a document.
var roleWords = map[Role]string{Signer: "Signer", Approver: "Approver", Viewer: "Reads along", Copy: "Gets a copy", Countersigner: "Signer for the firm"}

// personOf is what the certificate tells of one recipient.
func personOf(in *lang.Reader, e Envelope, r Recipient, events []Event, zone *time.Location) seal.Person {
	p := seal.Person{
		Name: r.Name, Email: r.Email, Role: in.Say(roleWords[r.Role]), Sent: r.NotifiedAt, Opened: r.OpenedAt, Consented: r.ConsentedAt, Done: r.SignedAt, DoneWord: in.Say(r.signedWord()),
	}
	if r.Signature != nil {
		p.How = in.Say(map[string]string{"typed": "Signature typed", "drawn": "Signature drawn by hand"}[r.Signature.Kind])
	}
	if to, there := e.Recipient(r.ForwardedID); there {
		p.HandedOver = in.Say("To %s¦person", to.Name)
	}
	if from, there := e.standsInFor(r); there {
		p.HandedOver = in.Say("By %s", from.Name)
	}
	for _, what := range events {
		if what.RecipientID != r.ID {
			continue
		}
		switch what.Kind {
		case "signed", "approved":
			p.IP, p.Agent = what.IP, what.Agent
		case "verified":
			p.Second = in.Say("Code mailed to %s, entered %s", r.Email, lang.Date{At: what.At.In(zone), Layout: "2 Jan 2006, 15:04:05"})
		case "hosted":
			p.InPerson = what.noted(in)
		}
	}
	return p
}
