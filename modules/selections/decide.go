package selections

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fact"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/lang"
)

// What is said when a decision comes too late.
var (
	errDecided  = fault.Conflict("This has been decided already.")
	errNoPrice  = fault.Conflict("One of the choices has no price yet. As soon as it has one, you can approve it.")
	errNoPick   = fault.Conflict("Nothing is chosen yet.")
	errNewPrice = fault.Conflict("The choice or the amounts have changed since this page was opened. Please look again before you approve.")
)

// said is how a decision came about.
type said struct {
	Signature string    // the name that was typed
	Reason    string    // both sides read it
	Behalf    uuid.UUID // a contact who told staff; Nil: the viewer decides
	Name      string    // that contact's
	Way       string    // phone, person, paper, mail
	Note      string    // staff only
	Paper     uuid.UUID // a file that proves it; staff only
}

// decision is one thing that happened to a selection.
type decision struct {
	act        string
	picks      []Choice
	account    account
	difference int64
	said
	at time.Time // zero: now
}

// today is the day at the firm's place.
func (d desk) today(v auth.Viewer) day.Day {
	zone, err := day.Zone(v.Firm.Zone)
	if err != nil {
		return day.Of(d.Now().UTC())
	}
	return day.Of(d.Now().In(zone))
}

// pick takes a choice, or gives it back: the client may still change it.
func (d desk) pick(ctx context.Context, tx bun.Tx, v auth.Viewer, selection, choice uuid.UUID, on bool, how said) (Selection, error) {
	s, err := hold(ctx, tx, v, selection)
	if err != nil {
		return s, err
	}
	n := slices.IndexFunc(s.Choices, func(c Choice) bool { return c.ID == choice })
	if n < 0 {
		return s, fault.NotFound()
	}
	if !s.Open() {
		return s, errDecided
	}
	c := s.Choices[n]
	if c.Picked == on {
		return s, nil
	}
	if err := savePick(ctx, tx, v, s, c, on); err != nil {
		return s, err
	}
	act, text := "chosen", lang.M("chose “%s” for “%s”", c.Title, s.Title)
	if !on {
		act, text = "withdrawn", lang.M("took back “%s” for “%s”", c.Title, s.Title)
	}
	if err := addDecision(ctx, tx, v, s, decision{act: act, picks: []Choice{c}, said: how}); err != nil {
		return s, err
	}
	if err := d.told(ctx, tx, v, s, "selections."+act, behalf(text, how)); err != nil {
		return s, err
	}
	d.ring(ctx, v.FirmID(), s.ClientID)
	return byID(ctx, tx, v, selection)
}

// asked is the change to the contract that an approval of what is chosen now would make; ok is false when something has
// no price yet, or nothing is chosen.
func (s Selection) asked(set Setting) (difference int64, ok bool) {
	sum, priced := s.Sum()
	if !priced || len(s.Picks()) == 0 {
		return 0, false
	}
	return s.changeBy(sum, set), true
}

// changeBy is the change to the contract that an approval of choices that come to so much would make.
func (s Selection) changeBy(sum int64, set Setting) int64 {
	a := s.account(set.Credits)
	return need(a.Has, a.Allowance, a.Approved+sum, set.Credits, s.Allowance.Open <= 1) - s.Allowance.Told
}

// seen stands on a page for what it shows: what is to be decided, these choices, and what they change in the contract.
// What staff alone can see is no part of it: it could be told from a change of this.
func (s Selection) seen(shown []Choice, changes ...int64) string {
	h := sha256.New()
	say := json.NewEncoder(h)
	failed := say.Encode([]string{s.Title, s.Specification})
	for _, c := range shown {
		var pictures []uuid.UUID
		for _, f := range c.Files {
			pictures = append(pictures, f.FileID)
		}
		failed = errors.Join(failed, say.Encode([]any{c.ID, c.Title, c.Text, c.Link, c.Price, pictures}))
	}
	if failed = errors.Join(failed, say.Encode(changes)); failed != nil {
		return "" // agrees with nothing
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// approve locks what is chosen, and changes the contract by what that is more than the allowance has. seen is what stood
// on the page: nobody approves another choice, another price, or another change.
func (d desk) approve(ctx context.Context, tx bun.Tx, v auth.Viewer, selection uuid.UUID, seen string, how said) (Selection, error) {
	s, err := hold(ctx, tx, v, selection)
	if err != nil {
		return s, err
	}
	set, err := settingOf(ctx, tx, v)
	if err != nil {
		return s, err
	}
	picks := s.Picks()
	difference, ok := s.asked(set)
	switch {
	case !s.Open():
		return s, errDecided
	case len(picks) == 0:
		return s, errNoPick
	case !ok:
		return s, errNoPrice
	case seen == "" || s.seen(picks, difference) != seen:
		return s, errNewPrice
	}
	a := s.account(set.Credits)
	if err := approvePicks(ctx, tx, v, s); err != nil {
		return s, err
	}
	if err := setState(ctx, tx, v, s, Approved, d.Now()); err != nil {
		return s, err
	}
	s.State = Approved
	if err := d.account(ctx, tx, v, s, set, titleOf(s, picks)); err != nil {
		return s, err
	}
	if err := addDecision(ctx, tx, v, s, decision{act: "approved", picks: picks, account: a, difference: difference, said: how}); err != nil {
		return s, err
	}
	text := lang.M("approved %s for “%s”", quoted(picks), s.Title)
	if err := d.told(ctx, tx, v, s, "selections.approved", behalf(text, how)); err != nil {
		return s, err
	}
	return s, d.decided(ctx, tx, v, s, "approved")
}

// turnDown closes a selection without a choice: skipped, or declined with a reason.
func (d desk) turnDown(ctx context.Context, tx bun.Tx, v auth.Viewer, selection uuid.UUID, to State, how said) error {
	s, err := hold(ctx, tx, v, selection)
	if err != nil {
		return err
	}
	switch {
	case !s.Open():
		return errDecided
	case to == Skipped && !s.MaySkip(), to == Declined && !s.MayRefuse():
		return fault.NotFound()
	}
	set, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	if err := dropPicks(ctx, tx, v, s); err != nil {
		return err
	}
	if err := setState(ctx, tx, v, s, to, d.Now()); err != nil {
		return err
	}
	if err := addDecision(ctx, tx, v, s, decision{act: string(to), said: how}); err != nil {
		return err
	}
	s.State = to
	if err := d.account(ctx, tx, v, s, set, s.Title+": not wanted"); err != nil {
		return err
	}
	text := lang.M("skipped “%s”", s.Title)
	if to == Declined {
		text = lang.M("declined all choices of “%s”", s.Title)
	}
	if err := d.told(ctx, tx, v, s, "selections."+string(to), behalf(text, how)); err != nil {
		return err
	}
	return d.decided(ctx, tx, v, s, string(to))
}

// reopen lets the client choose again; what the decision changed in the contract is void.
func (d desk) reopen(ctx context.Context, tx bun.Tx, v auth.Viewer, selection uuid.UUID, reason string) (Selection, error) {
	s, err := hold(ctx, tx, v, selection)
	if err != nil {
		return s, err
	}
	if !s.Locked() {
		return s, fault.Conflict("This is open already.")
	}
	set, err := settingOf(ctx, tx, v)
	if err != nil {
		return s, err
	}
	picks := s.Picks()
	if err := dropPicks(ctx, tx, v, s); err != nil {
		return s, err
	}
	if err := setState(ctx, tx, v, s, Released, d.Now()); err != nil {
		return s, err
	}
	s.State = Released
	if err := d.account(ctx, tx, v, s, set, s.Title+": open again"); err != nil {
		return s, err
	}
	if err := grantRequest(ctx, tx, v, s, d.Now()); err != nil {
		return s, err
	}
	if err := addDecision(ctx, tx, v, s, decision{act: "reopened", picks: picks, said: said{Reason: reason}}); err != nil {
		return s, err
	}
	if err := d.told(ctx, tx, v, s, "selections.reopened", lang.M("opened “%s” again", s.Title)); err != nil {
		return s, err
	}
	d.ring(ctx, v.FirmID(), s.ClientID)
	return s, nil
}

// account brings the changes to the contract to what is needed now, and tells billing. The selection, and its allowance,
// are held.
func (d desk) account(ctx context.Context, tx bun.Tx, v auth.Viewer, s Selection, set Setting, text string) error {
	approved, decided, err := standing(ctx, tx, v, s)
	if err != nil {
		return err
	}
	live, err := liveEffects(ctx, tx, v, s)
	if err != nil {
		return err
	}
	void, amount := settle(need(s.Allowance.There(), s.Allowance.Amount, approved, set.Credits, decided), live, s.ID)
	if err := voidEffects(ctx, tx, v, void, d.Now()); err != nil {
		return err
	}
	for _, gone := range void {
		err := d.Bus.Publish(ctx, tx, v.FirmID(), fact.ChangeOrderVoided{ID: gone, ClientID: s.ClientID, ProjectID: s.ProjectID})
		if err != nil {
			return err
		}
	}
	if amount == 0 {
		return nil
	}
	told := fact.ChangeOrderApproved{AtOnce: set.AtOnce, Billable: fact.Billable{
		ID: id.New(), ClientID: s.ClientID, ProjectID: s.ProjectID, Text: shortened(oneLine(text), 400), On: d.today(v).String(),
		Quantity: 1000, Price: amount, Currency: s.Currency, TaxRate: int(set.TaxRate),
	}}
	if err := addEffect(ctx, tx, v, s, told.Billable, d.today(v)); err != nil {
		return err
	}
	return d.Bus.Publish(ctx, tx, v.FirmID(), told)
}

// decided tells the team, and the pages that are open.
func (d desk) decided(ctx context.Context, tx bun.Tx, v auth.Viewer, s Selection, what string) error {
	d.ring(ctx, v.FirmID(), s.ClientID)
	if v.Side != auth.Portal {
		return nil
	}
	return d.tellTeam(ctx, tx, v, s, what, uuid.Nil)
}

// note writes what was done to a selection, for staff.
func (d desk) note(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, verb, text string, data map[string]any) error {
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: verb, Text: text, ClientID: s.ClientID, ProjectID: s.ProjectID, SubjectID: s.ID, Data: data,
	})
}

// told writes what was done to a selection, for its client as well, unless it is a draft.
func (d desk) told(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, verb string, text lang.Message) error {
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: verb, Said: text, ClientID: s.ClientID, ProjectID: s.ProjectID, SubjectID: s.ID, ForClient: s.State != Draft,
	})
}

// ring lets open pages look again.
func (d desk) ring(ctx context.Context, firm, client uuid.UUID) {
	if d.Bell == nil {
		return
	}
	d.Bell.Publish(ctx, firm, "selections@client:"+client.String())
}

// behalf says how the client told staff of a decision that they wrote down.
func behalf(text lang.Message, how said) lang.Message {
	if how.Name == "" {
		return text
	}
	switch how.Way {
	case "phone":
		return lang.M("%s, as %s said on the phone", text, how.Name)
	case "person":
		return lang.M("%s, as %s said in person", text, how.Name)
	case "paper":
		return lang.M("%s, as %s said on paper", text, how.Name)
	}
	return lang.M("%s, as %s said by mail", text, how.Name)
}

// ways are how a client told staff.
var ways = map[string]string{"phone": "on the phone", "person": "in person", "paper": "on paper", "mail": "by mail"}

func quoted(picks []Choice) string {
	var names []string
	for _, c := range picks {
		names = append(names, "“"+c.Title+"”")
	}
	return strings.Join(names, ", ")
}
