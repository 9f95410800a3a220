package setup

import (
	"context"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/auth/sso"
	"portico/platform/db"
	"portico/platform/domain"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/people"
	"portico/platform/post"
	"portico/platform/web"
)

type claimed struct {
	Name string `json:"name"`
}

type heard struct {
	Name   string      `json:"name"`
	News   domain.News `json:"news"`
	Person uuid.UUID   `json:"person"`
}

var (
	domainCheck = job.New[claimed]("setup:check_domain")
	domainMail  = job.New[heard]("setup:domain_mail")
)

func (d desk) jobs() []job.Handler {
	return append(d.office.jobs(),
		job.EveryInstallation("*/5 * * * *", "setup:find_domains", d.findDue),
		domainCheck.Handle(d.checkClaim),
		domainMail.Handle(d.mailNews),
	)
}

const dueAtOnce = 500

// findDue promises a look at every claim whose time has come, each in its own firm.
func (d desk) findDue(ctx context.Context, _ bun.Tx) error {
	due, err := domain.AllDue(ctx, d.Ops, d.Now(), dueAtOnce)
	if err != nil {
		return err
	}
	for _, one := range due {
		// found twice, promised once; and once more each hour, should the promise have been given up
		same := uuid.NewSHA1(one.FirmID, []byte(one.Name+one.NextAt.UTC().String()+d.Now().Truncate(time.Hour).UTC().String()))
		err := db.InTx(ctx, d.Pool, one.FirmID, func(ctx context.Context, tx bun.Tx) error {
			_, err := domainCheck.Enqueue(ctx, tx, one.FirmID, claimed{one.Name}, job.ID(same))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d desk) checkClaim(ctx context.Context, tx bun.Tx, firm uuid.UUID, what claimed) error {
	v := auth.System(firm)
	c, err := domain.Find(ctx, tx, v, what.Name)
	if err != nil || c.NextAt.After(d.Now()) {
		return fault.IgnoreNotFound(err)
	}
	_, news, err := d.looked(ctx, tx, v, c, domain.Ask(ctx, d.DNS, c))
	if err != nil || news == domain.NoNews {
		return fault.IgnoreNotFound(err)
	}
	staff, err := people.ListStaff(ctx, tx, v)
	if err != nil {
		return err
	}
	var letters []heard
	for _, s := range staff {
		if s.Active() && s.Role.AtLeast(access.Admin) {
			letters = append(letters, heard{c.Name, news, s.PersonID})
		}
	}
	return domainMail.EnqueueEach(ctx, tx, firm, letters)
}

// looked notes what was found, and tells of it in the log.
func (d desk) looked(ctx context.Context, tx bun.Tx, v auth.Viewer, c domain.Claim, found domain.Problem) (domain.Claim, domain.News, error) {
	now, news, err := domain.Look(ctx, tx, d.Firms.Hosts(), v, c.Name, c.Token, found, d.Now())
	if err != nil {
		return now, news, err
	}
	db.AfterCommit(ctx, func(context.Context) { d.Firms.Forget() })
	d.Bell.Publish(ctx, v.FirmID(), "domains")
	text := map[domain.News]string{
		domain.NowProved: "saw the proof of the domain " + c.Name + ": the portal answers there",
		domain.NowLost:   "saw no proof of the domain " + c.Name + " any more: the portal does not answer there",
	}[news]
	if text == "" {
		return now, news, nil
	}
	return now, news, activity.Record(ctx, tx, v, activity.Entry{
		Verb: "domain." + string(news), Text: text, SubjectID: v.FirmID(),
		Data: map[string]any{"before": map[string]any{c.Name: string(c.State)}, "after": map[string]any{c.Name: string(now.State)}},
	})
}

// mailNews tells one of the people in charge, unless it is not true any more.
func (d desk) mailNews(ctx context.Context, tx bun.Tx, firm uuid.UUID, h heard) error {
	c, err := domain.Find(ctx, tx, auth.System(firm), h.Name)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	lines, ok := d.newsOf(c, h.News)
	if !ok {
		return nil
	}
	s, err := people.FindStaff(ctx, tx, auth.System(firm), h.Person)
	if err != nil || !s.Active() || !s.Role.AtLeast(access.Admin) {
		return fault.IgnoreNotFound(err)
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	origin, err := d.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	if name := loaded.Firm.SSO; name != "" && h.News == domain.NowLost {
		lines = append(lines, "Staff who sign in with "+name+" come back to "+origin+sso.Callback+" now. Check that this address is entered at "+name+": without it nobody can sign in with it.")
	}
	first, _, _ := strings.Cut(s.Name, " ")
	return d.Post.Send(ctx, tx, loaded.Firm, post.Envelope{
		ID: job.Current(ctx).ID, Kind: domainMail.Name(), PersonID: s.PersonID, To: netmail.Address{Name: s.Name, Address: s.Email},
	}, mail.Letter{
		Subject: lines[0], Greeting: "Hello " + first, Lines: lines[1:],
		Button: mail.Button{Label: "Look at the domain", URL: origin + "/office/setup/domains/" + c.Name},
	})
}

// newsOf is a subject and what follows; ok is false when things have changed since.
func (d desk) newsOf(c domain.Claim, news domain.News) (lines []string, ok bool) {
	switch news {
	case domain.NowProved:
		return []string{c.Name + " is ready", "We have seen the proof of your domain " + c.Name + ". The portal answers there now.",
			"Links still use the address that they used before. Make this one the main address when you are ready."}, c.Live()
	case domain.NowLost:
		return []string{c.Name + " does not lead to your portal any more", "The proof of your domain " + c.Name + " is gone: the TXT record " + domain.Record(c.Name) + " was not found. So the portal does not answer there any more, and links use your portal name again.",
			"Was that not meant? Add the record again, and press “Check now”."}, c.State == domain.Lost
	case domain.NowUnsure:
		return []string{"The name servers of " + c.Name + " do not answer", "We could not ask for the proof of your domain " + c.Name + " for some hours. Nothing has changed yet: the portal still answers there.",
			"Visitors may be unable to find it. Please ask whoever administers the domain. After 7 days without an answer we take it off."}, c.State == domain.Unsure
	}
	return nil, false
}

// worryAfter is how long a silent DNS is nobody's concern.
const worryAfter = time.Hour

type domainCardView struct {
	*web.Here
	Domains  []domainLine
	Provider string // of single sign-on, when a domain was taken off; "": nothing to look after
	Callback string // where people come back to from it now
}

// domainCard asks for a look when a domain was taken off, or is about to be.
func (d desk) domainCard(r *web.Request) (web.Part, bool, error) {
	claims, err := domain.List(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return web.Part{}, false, err
	}
	view := domainCardView{Here: r.Here()}
	for _, c := range claims {
		if c.State == domain.Lost || c.State == domain.Unsure && r.Now().Sub(c.UnsureSince) > worryAfter {
			view.Domains = append(view.Domains, domainLineOf(r, c, ""))
		}
		if c.State == domain.Lost {
			view.Provider = r.Firm().SSO
		}
	}
	if view.Provider != "" {
		origin, err := d.Links.Origin(r.Context(), r.Firm().ID)
		if err != nil {
			return web.Part{}, false, err
		}
		view.Callback = origin + sso.Callback
	}
	return web.Draw("setup/_domain_card", view), len(view.Domains) > 0, nil
}
