package setup

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/db"
	"portico/platform/domain"
	"portico/platform/fault"
	"portico/platform/firm"
	"portico/platform/web"
)

// looks is how often somebody may press "Check now".
var looks = web.Limit{Name: "domain", Tries: 30, Per: time.Hour}

// domainLine is a domain in the list.
type domainLine struct {
	domain.Claim
	Shown      string // in the script of its owner, when the DNS writes it otherwise
	Href       string
	Primary    bool
	Kind, Word string // badge
	Text       string // what the last look found, and what to do
}

func domainLineOf(r *web.Request, c domain.Claim, chosen string) domainLine {
	line := domainLine{Claim: c, Shown: domain.Shown(c.Name), Href: r.Path("setup", "domains", c.Name), Primary: c.Name == chosen}
	switch c.State {
	case domain.Proved:
		line.Kind, line.Word = "ok", "Proved"
	case domain.Unsure:
		line.Kind, line.Word = "due", "No answer"
		line.Text = "The name servers of this domain have not answered lately. The portal still answers here; we keep asking, and take the domain off after 7 days without an answer."
	case domain.Lost:
		line.Kind, line.Word = "late", "Taken off"
		line.Text = "The TXT record is gone, so the portal does not answer here any more, and links use your portal name. Add the record again to bring the domain back, or remove the domain from this list."
		if c.Problem == domain.Silent {
			line.Text = "The name servers of this domain have not answered for 7 days, so the portal does not answer here any more. It comes back when the TXT record is found again."
		}
	default:
		line.Kind, line.Word = "info", "Waiting for proof"
		line.Text = waitingFor[c.Problem]
	}
	return line
}

var waitingFor = map[domain.Problem]string{
	domain.None:    "Not checked yet.",
	domain.Missing: "The last check found no TXT record. New records can take some minutes, sometimes hours, to be seen everywhere.",
	domain.Other:   "The last check found a TXT record with another text. Compare it with the one below, letter by letter.",
	domain.Silent:  "The name servers of this domain did not answer. We try again by ourselves.",
	domain.Taken:   "The record is there, but another portal answers at this domain. It can be yours once that one has given it up.",
}

// record is a line to be entered where the domain is administered.
type record struct{ Type, Name, Value, Why string }

type domainView struct {
	*web.Here
	Trail   []web.NavItem
	Line    domainLine
	Records []record
	Live    bool
	Origin  string
	SSO     ssoMove // of what can be done here: choosing the domain, or giving it up as the main one
}

func (d desk) domainView(r *web.Request, c domain.Claim) (domainView, error) {
	r.Title(c.Name)
	chosen, err := firm.Chosen(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return domainView{}, err
	}
	view := domainView{
		Here: r.Here(), Trail: append(d.trail(r), web.NavItem{Title: "Portal address", Href: r.Path("setup", "address")}),
		Line: domainLineOf(r, c, chosen), Live: c.Live(), Origin: d.Links.At(c.Name),
	}
	if view.Live {
		if view.SSO, err = d.ssoAround(r, view); err != nil {
			return view, err
		}
	}
	base := d.Firms.Hosts().Base
	view.Records = []record{{"TXT", domain.Record(c.Name), c.Token, "proves that the domain is yours; leave it there for good"}}
	if domain.Apex(c.Name) {
		for _, address := range d.leads.of(r.Context(), d.DNS, base) {
			view.Records = append(view.Records, record{kindOf(address), c.Name, address, "leads visitors to the portal"})
		}
		if len(view.Records) == 1 {
			view.Records = append(view.Records, record{"ALIAS", c.Name, base, "leads visitors to the portal; providers call it ALIAS, ANAME or CNAME flattening"})
		}
		return view, nil
	}
	view.Records = append(view.Records, record{"CNAME", c.Name, base, "leads visitors to the portal"})
	return view, nil
}

// ssoAround says where single sign-on would come back to after the step that the page offers.
func (d desk) ssoAround(r *web.Request, view domainView) (ssoMove, error) {
	if !view.Line.Primary {
		return ssoMoves(r, view.Origin)
	}
	place, err := d.Firms.WithoutDomain(r.Context(), r.Viewer().FirmID())
	if err != nil {
		return ssoMove{}, err
	}
	return ssoMoves(r, d.Links.At(place.Host))
}

func kindOf(address string) string {
	if strings.Contains(address, ":") {
		return "AAAA"
	}
	return "A"
}

// leads remembers for a while where the installation's own name leads, so that a page does not wait for the DNS.
type leads struct {
	mu        sync.Mutex
	addresses []string
	until     time.Time
	now       func() time.Time
}

const (
	leadsFor  = 10 * time.Minute
	leadsWait = 1500 * time.Millisecond
)

func (l *leads) of(ctx context.Context, dns domain.Resolver, name string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now().After(l.until) {
		ctx, cancel := context.WithTimeout(ctx, leadsWait)
		defer cancel()
		l.addresses, _ = dns.Addresses(ctx, name) // not knowing them is no trouble: the page names the alias instead
		l.until = l.now().Add(leadsFor)
	}
	return slices.Clone(l.addresses)
}

type domainForm struct {
	Domain string `form:"domain"`
}

func (d desk) addDomain(r *web.Request) error {
	var form domainForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	c, err := domain.Add(r.Context(), r.Tx(), d.Firms.Hosts(), r.Viewer(), form.Domain, r.Now())
	if fault.Is(err, fault.Bad) {
		view, drawn := d.addressView(r, r.Viewer().Firm.Key)
		if drawn != nil {
			return drawn
		}
		view.Domain = form.Domain
		return r.Again("setup/address", view, err)
	}
	if err != nil {
		return err
	}
	if err := d.tellOf(r, "domain.added", "added the domain "+c.Name, "", c.Name); err != nil {
		return err
	}
	return r.Go(r.Path("setup", "domains", c.Name))
}

func (d desk) tellOf(r *web.Request, verb, text, before, after string) error {
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: verb, Text: text, SubjectID: r.Firm().ID,
		Data: map[string]any{"before": map[string]any{"domain": before}, "after": map[string]any{"domain": after}},
	})
}

func (d desk) find(r *web.Request) (domain.Claim, error) {
	return domain.Find(r.Context(), r.Tx(), r.Viewer(), strings.ToLower(r.Param("domain")))
}

func (d desk) domain(r *web.Request) error {
	c, err := d.find(r)
	if err != nil {
		return err
	}
	view, err := d.domainView(r, c)
	if err != nil {
		return err
	}
	if firm.CleanHost(r.Host()) == c.Name { // removed from here, one has to go on elsewhere
		r.FormsTo(d.at(r.Viewer().Firm.Key))
	}
	return r.Show("setup/domain", view)
}

// checkDomain asks the DNS now. Meanwhile no transaction is held.
func (d desk) checkDomain(r *web.Request) error {
	c, err := d.find(r)
	if err != nil {
		return err
	}
	page := r.Path("setup", "domains", c.Name)
	if retry, ok := r.Allowed("firm", looks); !ok {
		return fault.TooMany("That was checked often. We also check by ourselves, every few minutes at first.", retry)
	}
	if err := r.EndTransaction(); err != nil {
		return err
	}
	found := domain.Ask(r.Context(), d.DNS, c)
	err = r.Deliver(func(ctx context.Context, tx bun.Tx) error {
		c, _, err = d.looked(ctx, tx, r.Viewer(), c, found)
		return err
	})
	if err != nil {
		return err
	}
	if line := domainLineOf(r, c, ""); c.State == domain.Proved {
		r.Toast(c.Name + " is proved. The portal answers there.")
	} else {
		r.Warn(line.Text)
	}
	return r.Go(page)
}

// chooseDomain makes links use the domain from now on.
func (d desk) chooseDomain(r *web.Request) error {
	c, err := d.find(r)
	if err != nil {
		return err
	}
	if there, err := d.confirmedFor(r, r.Path("setup", "domains", c.Name)); !there {
		return err
	}
	if err := mayMove(r); err != nil {
		return d.againDomain(r, c, err)
	}
	addresses, err := d.DNS.Addresses(r.Context(), c.Name)
	if err == nil && len(addresses) == 0 {
		return d.againDomain(r, c, fault.Conflict("This domain leads nowhere yet: nobody could open the links. Add the second record below first, and wait until it works."))
	}
	return d.chosen(r, c.Name, "made "+c.Name+" the address of all links")
}

// unchooseDomain lets links use the firm's own name again.
func (d desk) unchooseDomain(r *web.Request) error {
	c, err := d.find(r)
	if err != nil {
		return err
	}
	if there, err := d.confirmedFor(r, r.Path("setup", "domains", c.Name)); !there {
		return err
	}
	if err := mayMove(r); err != nil {
		return d.againDomain(r, c, err)
	}
	return d.chosen(r, "", "made links use the portal name again")
}

func (d desk) chosen(r *web.Request, name, text string) error {
	ctx, v := r.Context(), r.Viewer()
	before, err := firm.Chosen(ctx, r.Tx(), v)
	if err != nil {
		return err
	}
	if before != name {
		if err := firm.ChooseDomain(ctx, r.Tx(), v, name); err != nil {
			return err
		}
		if err := d.tellOf(r, "domain.chosen", text, before, name); err != nil {
			return err
		}
		db.AfterCommit(ctx, func(context.Context) { d.Firms.Forget() })
	}
	r.Toast("Saved. New links use this address from now on.")
	return r.Go(r.Path("setup", "address"))
}

func (d desk) removeDomain(r *web.Request) error {
	c, err := d.find(r)
	if err != nil {
		return err
	}
	if there, err := d.confirmedFor(r, r.Path("setup", "domains", c.Name)); !there {
		return err
	}
	chosen, err := firm.Chosen(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	if chosen == c.Name {
		if err := mayMove(r); err != nil {
			return d.againDomain(r, c, err)
		}
	}
	if err := domain.Remove(r.Context(), r.Tx(), r.Viewer(), c.Name); err != nil {
		return err
	}
	if err := d.tellOf(r, "domain.removed", "removed the domain "+c.Name, c.Name, ""); err != nil {
		return err
	}
	db.AfterCommit(r.Context(), func(context.Context) { d.Firms.Forget() })
	r.Toast(c.Name + " is removed.")
	if firm.CleanHost(r.Host()) == c.Name { // we stand on it
		return r.GoTo(d.at(r.Viewer().Firm.Key) + r.Path("setup", "address"))
	}
	return r.Go(r.Path("setup", "address"))
}

func (d desk) againDomain(r *web.Request, c domain.Claim, wrong error) error {
	view, err := d.domainView(r, c)
	if err != nil {
		return err
	}
	return r.Again("setup/domain", view, wrong)
}
