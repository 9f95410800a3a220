package inbound

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-msgauth/authres"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/uuid"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Texts asks the DNS for the texts of a name; domain.DNS does.
type Texts interface {
	TXT(ctx context.Context, name string) ([]string, error)
}

// Word is what is known of a mail's author beside what the mail says itself: anybody can write any From.
type Word string

const (
	Silent  Word = ""        // nobody vouches for it
	Vouched Word = "vouched" // the domain in From has signed it for the address it came to, or our relay found it good
	Denied  Word = "denied"  // a signature in the name of that domain does not hold, or our relay found it bad
)

const (
	mostSignatures = 6
	vouchTime      = 15 * time.Second // with all questions to the DNS
)

// proof is what was found out about one mail, whichever of our addresses it came to.
type proof struct {
	word  Word
	named []uuid.UUID // our addresses that are named in what is vouched for
}

// of is the word for one address. A mail that was once written to somebody else is no answer, however well it is signed.
func (p proof) of(place uuid.UUID) Word {
	if p.word == Vouched && !slices.Contains(p.named, place) {
		return Silent
	}
	return p.word
}

// prove finds out who vouches for a mail. It asks the DNS: no transaction is open meanwhile.
func (d *Desk) prove(ctx context.Context, raw []byte) proof {
	e, err := message.Read(bytes.NewReader(raw))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return proof{}
	}
	h := mail.Header{Header: e.Header}
	author, _ := author(h)
	_, from, ok := strings.Cut(author, "@")
	if !ok {
		return proof{}
	}
	ctx, cancel := context.WithTimeout(ctx, vouchTime)
	defer cancel()
	switch d.relayed(h, from) {
	case Vouched:
		return proof{Vouched, d.named(h, []string{"To", "Cc"})}
	case Denied:
		return proof{word: Denied}
	}
	if d.DNS == nil {
		return proof{}
	}
	return d.signed(ctx, h, from, raw)
}

// relayed is what our own mail server found. A line of any other server counts for nothing: it came with the mail.
func (d *Desk) relayed(h mail.Header, from string) Word {
	fields := h.FieldsByKey("Authentication-Results")
	for d.Relay != "" && fields.Next() {
		by, results, err := authres.Parse(bare(fields.Value()))
		if !strings.EqualFold(by, d.Relay) {
			continue
		}
		var found []*authres.DMARCResult // the topmost line is the relay's; whatever is below it came with the mail, too
		for _, r := range results {
			if dmarc, ok := r.(*authres.DMARCResult); ok {
				found = append(found, dmarc)
			}
		}
		switch {
		case err != nil || len(found) != 1 || found[0].From != "" && !strings.EqualFold(ascii(found[0].From), ascii(from)):
			return Silent
		case found[0].Value == authres.ResultPass:
			return Vouched
		case found[0].Value == authres.ResultFail:
			return Denied
		}
		return Silent
	}
	return Silent
}

// bare takes comments and quoted words out of a line: what a sender can put there is never taken for a result.
func bare(line string) string {
	var kept strings.Builder
	depth, quoted, escaped := 0, false, false
	for _, c := range line {
		switch {
		case escaped:
			escaped = false
		case c == '\\' && (quoted || depth > 0):
			escaped = true
		case c == '"' && depth == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0:
			kept.WriteRune(c)
		}
	}
	return kept.String()
}

// signed looks for a signature of the domain in From, or of one above it, that holds.
func (d *Desk) signed(ctx context.Context, h mail.Header, from string, raw []byte) proof {
	if !bytes.Contains(raw, []byte("\r\n")) { // a mail service handed it over with other ends of lines
		raw = bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
	}
	found, _ := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{
		LookupTXT:        func(name string) ([]string, error) { return d.DNS.TXT(ctx, name) },
		MaxVerifications: mostSignatures,
	}) // an error is of some signatures: what the others say counts
	var p proof
	for _, one := range found {
		switch {
		case !over(one.Domain, from) || dkim.IsTempFail(one.Err): // not knowing is no verdict
		case one.Err == nil:
			return proof{Vouched, d.named(h, one.HeaderKeys)}
		default:
			p.word = Denied
		}
	}
	return p
}

// named are those of our addresses that stand in To and Cc, as far as those were signed.
func (d *Desk) named(h mail.Header, signed []string) (places []uuid.UUID) {
	for _, key := range []string{"To", "Cc"} {
		if !slices.ContainsFunc(signed, func(s string) bool { return strings.EqualFold(s, key) }) || count(h, key) != 1 {
			continue
		}
		list, _ := h.AddressList(key)
		for _, one := range list {
			if place, ok := d.Address.Place(one.Address); ok {
				places = append(places, place)
			}
		}
	}
	return places
}

// over reports whether a domain may speak for another one: it is the same, or one above it that has the same owner.
func over(domain, name string) bool {
	domain, name = ascii(domain), ascii(name)
	if domain == name {
		return domain != ""
	}
	own, err := publicsuffix.EffectiveTLDPlusOne(name)
	return err == nil && strings.HasSuffix(name, "."+domain) && (domain == own || strings.HasSuffix(domain, "."+own))
}

// ascii is the one spelling of a domain.
func ascii(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if plain, err := idna.Lookup.ToASCII(name); err == nil {
		return plain
	}
	return name
}

func count(h mail.Header, key string) (n int) {
	for fields := h.FieldsByKey(key); fields.Next(); {
		n++
	}
	return n
}
