package billing

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

// tick is an invoice as somebody saw it: what is decided holds for that and for nothing that was written since.
type tick struct {
	ID      uuid.UUID
	Version int
}

func (t tick) String() string { return t.ID.String() + ":" + strconv.Itoa(t.Version) }

// ticksOf reads what boxes sent, each invoice once.
func ticksOf(values []string) ([]tick, error) {
	seen := map[uuid.UUID]bool{}
	var list []tick
	for _, value := range values {
		text, version, _ := strings.Cut(value, ":")
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(version)
		if err != nil {
			return nil, err
		}
		if !seen[id] {
			seen[id] = true
			list = append(list, tick{id, n})
		}
	}
	return list, nil
}

// seenForm is what version of an invoice a button was pressed on.
type seenForm struct {
	Version int `form:"version"`
}

// seen loads an invoice as the sender of the form saw it; errMoved when it is not that any more.
func (o office) seen(r *web.Request) (Invoice, error) {
	i, err := o.load(r)
	if err != nil {
		return i, err
	}
	var form seenForm
	if err := r.Bind(&form); err != nil || form.Version != i.Version {
		return i, errMoved
	}
	return i, nil
}

// refused answers a decision that cannot be taken with the invoice as it is now, and why.
func (o office) refused(r *web.Request, wrong error) error {
	if !fault.Is(wrong, fault.Clash) {
		return wrong
	}
	i, err := o.load(r)
	if err != nil {
		return err
	}
	view, err := o.invoiceView(r, i)
	if err != nil {
		return err
	}
	return r.Again("billing/invoice", view, wrong)
}

func (o office) approve(r *web.Request) error { return o.decide(r, o.approved) }

// takeBack makes a draft of an approved invoice, to be changed.
func (o office) takeBack(r *web.Request) error { return o.decide(r, o.takenBack) }

// release shows an invoice to its client. A draft is approved with it, as far as the viewer may.
func (o office) release(r *web.Request) error { return o.decide(r, o.released) }

func (o office) decide(r *web.Request, how func(*web.Request, Invoice) error) error {
	i, wrong := o.seen(r)
	if wrong == nil {
		wrong = how(r, i)
	}
	if wrong != nil {
		return o.refused(r, wrong)
	}
	return r.Go(r.Path("billing", "invoices", i.ID))
}

func (o office) approved(r *web.Request, i Invoice) error {
	if err := o.approveSeen(r, i); err != nil {
		return err
	}
	r.Toast("Approved. Clients see it once it is released.")
	return nil
}

func (o office) approveSeen(r *web.Request, i Invoice) error {
	if err := o.fit(r, i); err != nil {
		return err
	}
	if err := setApproved(r.Context(), r.Tx(), r.Viewer(), i, true); err != nil {
		return err
	}
	return record(r, i, "billing.approved", "approved the invoice “"+i.Title+"” over "+i.Amount().Format(r.Here().Locale()), nil)
}

func (o office) takenBack(r *web.Request, i Invoice) error {
	if err := setApproved(r.Context(), r.Tx(), r.Viewer(), i, false); err != nil {
		return err
	}
	r.Toast("It is a draft again.")
	return record(r, i, "billing.taken_back", "took back the approval of the invoice “"+i.Title+"”", nil)
}

func (o office) released(r *web.Request, i Invoice) error {
	is := tick{i.ID, i.Version}
	if i.IsDraft() {
		if err := o.approveSeen(r, i); err != nil {
			return err
		}
		is.Version++
	}
	list, err := o.releaseAll(r, []tick{is})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errMoved
	}
	r.Toast("Released as " + list[0].Number + ". Contacts who may see it get a mail.")
	return nil
}

// fit says why an invoice cannot be approved by this viewer. What it reads is what is approved: setApproved holds the row
// to the version that was loaded.
func (office) fit(r *web.Request, i Invoice) error {
	lines, err := linesOf(r.Context(), r.Tx(), r.Viewer(), i.ID)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return errNoLines
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err == nil && s.SecondPerson && i.wroteBy(r.Viewer().PersonID) {
		return errTwoEyes
	}
	return err
}

// leftOf are the ids that were ticked and not released.
func leftOf(ticks []tick, done []Invoice) []string {
	gone := map[uuid.UUID]bool{}
	for _, i := range done {
		gone[i.ID] = true
	}
	var left []string
	for _, t := range ticks {
		if !gone[t.ID] {
			left = append(left, t.ID.String())
		}
	}
	return left
}

// releaseAll makes invoices visible and owed, and promises the mails.
func (o office) releaseAll(r *web.Request, ticks []tick) ([]Invoice, error) {
	list, err := release(r.Context(), r.Tx(), r.Viewer(), ticks, today(r.Firm(), r.Now()))
	if err != nil {
		return nil, err
	}
	mails, entries := make([]announced, len(list)), make([]activity.Entry, len(list))
	for n, i := range list {
		mails[n] = announced{i.ID}
		entries[n] = activity.Entry{
			Verb: "billing.released", Text: "released the invoice " + i.Number + " over " + i.Amount().Format(r.Here().Locale()),
			ClientID: i.ClientID, ProjectID: i.ProjectID, SubjectID: i.ID,
		}
	}
	if err := activity.RecordEach(r.Context(), r.Tx(), r.Viewer(), entries); err != nil {
		return nil, err
	}
	return list, announce.EnqueueEach(r.Context(), r.Tx(), r.Firm().ID, mails)
}
