package users

import (
	"fmt"
	"net/url"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/id"
	invitation "portico/platform/invite"
	"portico/platform/web"
)

// sendForm is what is asked before invitations go out.
type sendForm struct {
	Again bool      `form:"again"`
	Note  string    `form:"note"`
	Rate  int       `form:"rate"`
	Key   uuid.UUID `form:"key"`
}

// Check tidies what was typed and says what is wrong with it.
func (f *sendForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if f.Rate < 1 || f.Rate > fastest {
		wrong["rate"] = "Enter a number from 1 to 60,000."
	}
	if len([]rune(f.Note)) > invitation.MaxNote {
		wrong["note"] = "Use at most 1,000 characters."
	}
	return wrong
}

type inviteView struct {
	*web.Here
	Trail   []web.NavItem
	Form    sendForm
	Whom    selection
	Gate    gate
	Reached share
	Skipped []skipped
	Skips   int
	Other   string // the other kind, when nobody is left for this one
}

// skipped are those whom one obstacle keeps out, with the way to where it is mended.
type skipped struct {
	share
	Text string
	Rows []skippedRow
	Rest int
}

type skippedRow struct{ Name, Client, Href, Mend string }

// askInvite says how many are invited, who is skipped and why, before anything happens.
func (o office) askInvite(r *web.Request) error {
	form := sendForm{Again: r.Query("way") == "again", Rate: usualRate, Key: id.New()}
	whom := selectionOf(r)
	if whom.empty() {
		r.Warn("Nobody was ticked.")
		return r.Go(r.Path("users") + whom.Filter.query())
	}
	view, err := o.inviteView(r, form, whom)
	if err != nil {
		return err
	}
	return r.Show("users/invitation", view)
}

func (o office) inviteView(r *web.Request, form sendForm, whom selection) (inviteView, error) {
	title := "Send portal invitations"
	if form.Again {
		title = "Send invitations again"
	}
	r.Title(title)
	view := inviteView{Here: r.Here(), Trail: crumbs(r.Here(), web.NavItem{Title: title}), Form: form, Whom: whom, Gate: o.gate(r)}
	resolved, err := whom.resolve(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	parts, err := shares(r.Context(), r.Tx(), r.Viewer(), resolved, form.Again)
	if err != nil {
		return view, err
	}
	for _, part := range parts {
		switch {
		case part.Obstacle == "":
			view.Reached = part
			continue
		case part.Obstacle == invitation.Invited || part.Obstacle == invitation.NotInvited:
			view.Other = r.Path("users", "invitation") + view.address(!form.Again)
		}
		view.Skips += part.Count
		view.Skipped = append(view.Skipped, skippedOf(r.Here(), part))
	}
	return view, nil
}

func skippedOf(here *web.Here, part share) skipped {
	s := skipped{share: part, Text: reason(string(part.Obstacle)), Rest: part.Count - len(part.First)}
	for _, k := range part.First {
		row := skippedRow{Name: k.Name, Client: k.ClientName, Href: contactPath(here, k.ClientID, k.ID)}
		if part.Obstacle == invitation.ClientOff {
			row.Mend = here.Path("clients", k.ClientID, "portal")
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// address is the selection as the end of an address.
func (v inviteView) address(again bool) string {
	values := url.Values{}
	if again {
		values.Set("way", "again")
	}
	if v.Whom.All {
		values.Set("all", "1")
	}
	for name, value := range map[string]string{"state": v.Whom.Filter.State, "portal": v.Whom.Filter.Portal, "q": v.Whom.Filter.Query} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if !v.Whom.All {
		for _, id := range v.Whom.IDs {
			values.Add("id", id.String())
		}
	}
	return "?" + values.Encode()
}

// Button says the deed and how many it reaches.
func (v inviteView) Button() string {
	n := v.Reached.Count
	if v.Form.Again {
		return "Send " + counted(n, "invitation", "invitations") + " again"
	}
	return "Send " + counted(n, "invitation", "invitations")
}

// Back is the list as it was.
func (v inviteView) Back() string { return v.Path("users") + v.Whom.Filter.query() }

// send begins a sending. Pressed twice it is one.
func (o office) send(r *web.Request) error {
	var form sendForm
	var whom selectionForm
	wrong := r.Bind(&whom)
	if wrong != nil {
		return fault.BadRequest("Those contacts could not be read.")
	}
	if wrong = r.Bind(&form); wrong == nil && form.Key == uuid.Nil {
		wrong = fault.Invalid("Please look at who is invited, and press the button again.")
	}
	if wrong == nil && !r.Viewer().Firm.PortalOn {
		wrong = fault.Conflict("The firm’s portal is off: nobody can be invited yet.")
	}
	chosen := whom.selection()
	if wrong == nil && chosen.empty() {
		wrong = fault.Invalid("Nobody was ticked.")
	}
	if wrong != nil {
		form.Key = id.New()
		view, err := o.inviteView(r, form, chosen)
		if err != nil {
			return err
		}
		return r.Again("users/invitation", view, wrong)
	}
	s := Sending{Again: form.Again, Rate: form.Rate, Note: form.Note}
	if s.Again {
		s.Note = ""
	}
	first, err := o.begin(r, &s, form.Key, chosen)
	if err != nil {
		return err
	}
	if first {
		r.Toast(fmt.Sprintf("%s on the way.", counted(s.of("waiting"), "invitation is", "invitations are")))
	}
	return r.Go(r.Path("users", "sendings", s.ID))
}

func (o office) begin(r *web.Request, s *Sending, key uuid.UUID, chosen selection) (first bool, err error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	resolved, err := chosen.resolve(ctx, tx, v)
	if err != nil {
		return false, err
	}
	if first, err = begin(ctx, tx, v, s, key, resolved); err != nil || !first {
		return first, err
	}
	if err := saveSending(ctx, tx, v, s); err != nil {
		return first, err
	}
	if s.of("waiting") == 0 {
		s.State, s.FinishedAt = finished, r.Now()
		if err := saveSending(ctx, tx, v, s); err != nil {
			return first, err
		}
	} else if _, err := pumped.Enqueue(ctx, tx, v.FirmID(), beat{s.ID, s.Turn}); err != nil {
		return first, err
	}
	o.p.Bell.Publish(ctx, v.FirmID(), topic)
	return first, activity.Record(ctx, tx, v, activity.Entry{
		Verb: "sending.started", Text: "began to send " + counted(s.of("waiting"), "portal invitation", "portal invitations"), SubjectID: s.ID,
		Data: map[string]any{"after": map[string]any{"invited": s.of("waiting"), "skipped": s.of("skipped"), "again": s.Again}},
	})
}
