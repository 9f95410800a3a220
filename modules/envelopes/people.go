package envelopes

import (
	"fmt"
	netmail "net/mail"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/web"
)

const mostPeople = 30

// personForm is a recipient as it was typed. Who is "contact:id", "staff:id", or "" for somebody else with a name and an
// address.
type personForm struct {
	ID, Role, Order, Who, Name, Email string
}

func (f personForm) blank() bool { return f.Who == "" && f.Name == "" && f.Email == "" }

// peopleForm is to whom a document goes, and how.
type peopleForm struct {
	Ordered  bool   `form:"ordered"`
	Message  string `form:"message"`
	Deadline int    `form:"deadline_days"`
	Remind   int    `form:"remind_days"`
	AskCode  bool   `form:"ask_code"`
	Version  int    `form:"version"`
	Do       string `form:"do"`

	People []personForm
}

// Check is what can be said of it without looking anything up.
func (f *peopleForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if utf8.RuneCountInString(f.Message) > longestMessage {
		wrong["message"] = "Use at most 2,000 characters."
	}
	if f.Deadline < 0 || f.Deadline > 365 {
		wrong["deadline_days"] = "Enter up to 365 days, or 0 for none."
	}
	if f.Remind < 0 || f.Remind > 60 {
		wrong["remind_days"] = "Enter up to 60 days, or 0 for none."
	}
	return wrong
}

func peopleTyped(r *web.Request) []personForm {
	rows := min(len(r.Values("who")), mostPeople+10)
	id, role, order, who := column(r, "recipient", rows), column(r, "role", rows), column(r, "order", rows), column(r, "who", rows)
	name, email := column(r, "name", rows), column(r, "email", rows)
	list := make([]personForm, rows)
	for n := range list {
		list[n] = personForm{id[n], role[n], order[n], who[n], oneLine(name[n]), strings.ToLower(email[n])}
	}
	return list
}

// recipientsFrom reads the people of a form: contacts and staff by whom they are, others by name and address.
func recipientsFrom(forms []personForm, known []reader, was []Recipient) (list []Recipient, wrong fault.Fields) {
	wrong = fault.Fields{}
	seen := map[string]bool{}
	for n, f := range forms {
		if f.blank() {
			continue
		}
		complain := func(field, text string) { wrong[fmt.Sprintf("%s-%d", field, n)] = text }
		r := Recipient{Role: Role(f.Role), Position: len(list) + 1}
		if one, err := uuid.Parse(f.ID); err == nil && slices.ContainsFunc(was, func(w Recipient) bool { return w.ID == one }) {
			r.ID = one
		}
		if f.Order != "" {
			order, err := strconv.Atoi(f.Order)
			if err != nil || order < 1 || order > 99 {
				complain("order", "Enter a number from 1 to 99.")
			}
			r.Position = order
		}
		kind, text, _ := strings.Cut(f.Who, ":")
		at := slices.IndexFunc(known, func(k reader) bool { return k.Staff == (kind == "staff") && k.ID.String() == text })
		switch {
		case f.Who == "":
			r.Name, r.Email = f.Name, f.Email
			if r.Name == "" {
				complain("name", "Enter a name.")
			} else if utf8.RuneCountInString(r.Name) > longestName {
				complain("name", "Use at most 120 characters.")
			}
			if at, err := netmail.ParseAddress(r.Email); err != nil || at.Address != r.Email || len(r.Email) > 200 {
				complain("email", "Enter a mail address, such as ana@example.com.")
			} else if slices.ContainsFunc(known, func(k reader) bool { return k.Staff && strings.EqualFold(k.Email, r.Email) }) {
				complain("email", "This is the address of somebody of your firm, who cannot act for the client. Choose that person from the list.")
			}
		case at < 0:
			complain("who", "Choose somebody from the list.")
		case kind == "staff":
			r.PersonID, r.Name, r.Email = known[at].ID, known[at].Name, known[at].Email
		default:
			r.ContactID, r.Name, r.Email = known[at].ID, known[at].Name, known[at].Email
		}
		switch {
		case !slices.Contains(Roles, r.Role):
			complain("role", "Choose what is asked of this person.")
		case r.Role == Countersigner && f.Who != "" && kind != "staff":
			complain("role", "Only somebody of your firm signs for you.")
		case r.Role == Countersigner && f.Who == "":
			complain("role", "Choose somebody of your firm, who signs in for it.")
		case kind == "staff" && r.Role != Countersigner && r.Role != Copy:
			complain("role", "Somebody of your firm signs for you or gets a copy.")
		}
		if key := f.Who + r.Email; seen[key] {
			complain("who", "This person is there already.")
		} else {
			seen[key] = true
		}
		list = append(list, r)
	}
	if len(list) > mostPeople {
		wrong["people"] = "Use at most 30 people."
	}
	return list, wrong
}

func personFormOf(r Recipient) personForm {
	f := personForm{ID: r.ID.String(), Role: string(r.Role), Order: strconv.Itoa(r.Position)}
	switch {
	case r.ContactID != uuid.Nil:
		f.Who = "contact:" + r.ContactID.String()
	case r.PersonID != uuid.Nil:
		f.Who = "staff:" + r.PersonID.String()
	default:
		f.Name, f.Email = r.Name, r.Email
	}
	return f
}

type peopleView struct {
	*web.Here
	Trail    []web.NavItem
	Steps    []web.NavItem
	Envelope Envelope
	Form     peopleForm
	Rows     []personRow
	Roles    []choice
	Contacts []choice
	Staff    []choice
}

type personRow struct {
	N    int
	At   string
	Form personForm
}

func (o office) peopleView(r *web.Request, e Envelope, form peopleForm, known []reader) peopleView {
	r.Title(e.Title)
	view := peopleView{Here: r.Here(), Trail: trailOf(r, e), Steps: steps(r, e, "people"), Envelope: e}
	for _, role := range Roles {
		view.Roles = append(view.Roles, choice{string(role), role.Title()})
	}
	for _, k := range known {
		title := k.Name
		if k.Email != "" {
			title += " (" + k.Email + ")"
		} else {
			title += " (no mail address)"
		}
		if k.Staff {
			view.Staff = append(view.Staff, choice{"staff:" + k.ID.String(), title})
		} else {
			view.Contacts = append(view.Contacts, choice{"contact:" + k.ID.String(), title})
		}
	}
	if len(form.People) == 0 {
		form.People = []personForm{{Role: string(Signer), Order: "1"}}
	}
	view.Form = form
	for n, f := range form.People {
		view.Rows = append(view.Rows, personRow{n + 1, strconv.Itoa(n), f})
	}
	return view
}

func (o office) people(r *web.Request) error {
	e, err := o.load(r)
	if err != nil {
		return err
	}
	if e.Status != Draft {
		return r.Go(r.Path("envelopes", e.ID))
	}
	known, err := readersOf(r.Context(), r.Tx(), r.Viewer(), e.ClientID)
	if err != nil {
		return err
	}
	form := peopleForm{Ordered: e.Ordered, Message: e.Message, Deadline: e.DeadlineDays, Remind: e.RemindDays, AskCode: e.AskCode, Version: e.Version}
	for _, one := range e.Recipients {
		form.People = append(form.People, personFormOf(one))
	}
	return r.Show("envelopes/people", o.peopleView(r, e, form, known))
}

func (o office) savePeople(r *web.Request) error {
	e, err := o.holding(r)
	if err != nil {
		return err
	}
	var form peopleForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	form.People = peopleTyped(r)
	if e.Status != Draft {
		return errMoved
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	known, err := readersOf(ctx, tx, v, e.ClientID)
	if err != nil {
		return err
	}
	if form.Do != "" {
		if form.Do == "add" {
			form.People = append(form.People, personForm{Role: string(Signer), Order: strconv.Itoa(len(form.People) + 1)})
		}
		form.People = without(form.People, form.Do, "remove-")
		return r.Show("envelopes/people", o.peopleView(r, e, form, known))
	}
	list, problems := recipientsFrom(form.People, known, e.Recipients)
	if wrong = together(wrong, problems); wrong == nil && form.Version != e.Version {
		wrong = errMoved
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			form.Version = e.Version
		}
		return r.Again("envelopes/people", o.peopleView(r, e, form, known), wrong)
	}
	e.Ordered, e.Message, e.DeadlineDays, e.RemindDays, e.AskCode, e.Recipients = form.Ordered, form.Message, form.Deadline, form.Remind, form.AskCode, list
	if err := updateDraft(ctx, tx, v, &e); err != nil {
		return err
	}
	if err := putRecipients(ctx, tx, v, &e); err != nil {
		return err
	}
	if e.Source == "template" { // the text names the people, and its last page has their places
		if err := o.draw(ctx, tx, r.Here(), &e); err != nil {
			return err
		}
	}
	if err := index(ctx, tx, v, e.ID); err != nil {
		return err
	}
	if err := note(ctx, tx, v, e, "envelopes.addressed", "chose who gets “"+e.Title+"”: "+everybody(e), nil); err != nil {
		return err
	}
	r.Toast("Saved.")
	if e.FileID == uuid.Nil {
		return r.Go(r.Path("envelopes", e.ID))
	}
	return r.Go(r.Path("envelopes", e.ID, "fields"))
}

func everybody(e Envelope) string {
	var list []string
	for _, one := range e.Recipients {
		list = append(list, one.Name)
	}
	if len(list) == 0 {
		return "nobody yet"
	}
	return strings.Join(list, ", ")
}
