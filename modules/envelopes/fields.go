package envelopes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/money"
	"portico/platform/web"
)

const mostFields = 300

// fieldForm is a field as it was typed or dragged. Measures are percent of the page.
type fieldForm struct {
	Who, Kind, Page, X, Y, W, H, Label, Needed string
}

// fieldsForm are all fields of a document.
type fieldsForm struct {
	Version int    `form:"version"`
	Do      string `form:"do"`

	Fields []fieldForm
}

func fieldsTyped(r *web.Request) []fieldForm {
	rows := min(len(r.Values("field_who")), mostFields+10)
	who, kind, page := column(r, "field_who", rows), column(r, "field_kind", rows), column(r, "field_page", rows)
	x, y, w, h := column(r, "field_x", rows), column(r, "field_y", rows), column(r, "field_w", rows), column(r, "field_h", rows)
	label, needed := column(r, "field_label", rows), column(r, "field_needed", rows)
	list := make([]fieldForm, rows)
	for n := range list {
		list[n] = fieldForm{who[n], kind[n], page[n], x[n], y[n], w[n], h[n], oneLine(label[n]), needed[n]}
	}
	return list
}

// fieldsFrom reads fields. What would reach over the edge of its page is moved onto it.
func fieldsFrom(forms []fieldForm, e Envelope) (list []Field, wrong fault.Fields) {
	wrong = fault.Fields{}
	for n, f := range forms {
		complain := func(field, text string) { wrong[fmt.Sprintf("field_%s-%d", field, n)] = text }
		one := Field{Kind: FieldKind(f.Kind), Label: f.Label, Required: f.Needed != "no"}
		if !slices.Contains(FieldKinds, one.Kind) {
			complain("kind", "Choose what goes there.")
		}
		at := slices.IndexFunc(e.Recipients, func(r Recipient) bool { return r.ID.String() == f.Who && signs(r) })
		if at < 0 {
			complain("who", "Choose who fills it in.")
		} else {
			one.RecipientID = e.Recipients[at].ID
		}
		var err error
		if one.Page, err = strconv.Atoi(f.Page); err != nil || one.Page < 1 || one.Page > max(e.Pages, 1) {
			complain("page", fmt.Sprintf("Enter a page from 1 to %d.", e.Pages))
		}
		for _, m := range []struct {
			name, text string
			into       *int
		}{{"x", f.X, &one.X}, {"y", f.Y, &one.Y}, {"w", f.W, &one.W}, {"h", f.H, &one.H}} {
			rate, err := money.ParseShare(strings.ReplaceAll(m.text, ",", "."), "en-US")
			if err != nil || m.text == "" {
				complain(m.name, "Enter a percentage of the page.")
			}
			*m.into = int(rate)
		}
		one.fit()
		if one.Kind == SignatureField || one.Kind == DateField {
			one.Required = true
		}
		if len([]rune(one.Label)) > 80 {
			complain("label", "Use at most 80 characters.")
		}
		list = append(list, one)
	}
	if len(list) > mostFields {
		wrong["fields"] = "Use at most 300 fields."
	}
	return list, wrong
}

// The smallest a field may be, in ten-thousandths of the page.
const leastWide, leastHigh = 150, 120

// fit keeps a field on its page.
func (f *Field) fit() {
	f.W, f.H = min(max(f.W, leastWide), 10000), min(max(f.H, leastHigh), 10000)
	f.X, f.Y = min(max(f.X, 0), 10000-f.W), min(max(f.Y, 0), 10000-f.H)
}

// signs reports whether a recipient has fields.
func signs(r Recipient) bool { return r.Role == Signer || r.Role == Countersigner }

func fieldFormOf(f Field) fieldForm {
	percent := func(n int) string { return money.Rate(n).String() }
	form := fieldForm{
		Who: f.RecipientID.String(), Kind: string(f.Kind), Page: strconv.Itoa(f.Page), X: percent(f.X), Y: percent(f.Y), W: percent(f.W), H: percent(f.H), Label: f.Label,
	}
	if !f.Required {
		form.Needed = "no"
	}
	return form
}

type fieldsView struct {
	*web.Here
	Trail    []web.NavItem
	Steps    []web.NavItem
	Envelope Envelope
	Form     fieldsForm
	Rows     []fieldRow
	Blank    fieldRow // for our script
	Signers  []signerChoice
	Kinds    []choice
	PDF      string
}

type fieldRow struct {
	N    int
	At   string
	Form fieldForm
}

// signerChoice is one who may have fields, with a colour.
type signerChoice struct {
	ID, Name, Role, Color string
}

// colors of people on the pages, again from the start after the last.
const colors = 6

func (office) fieldsView(r *web.Request, e Envelope, form fieldsForm) fieldsView {
	r.Title(e.Title)
	view := fieldsView{Here: r.Here(), Trail: trailOf(r, e), Steps: steps(r, e, "fields"), Envelope: e, Form: form, Blank: fieldRow{At: "new"}, PDF: files.URL(e.FileID, "shown")}
	for _, one := range e.Recipients {
		if signs(one) {
			view.Signers = append(view.Signers, signerChoice{one.ID.String(), one.Name, one.Role.Title(), strconv.Itoa(len(view.Signers)%colors + 1)})
		}
	}
	for _, k := range FieldKinds {
		view.Kinds = append(view.Kinds, choice{string(k), k.Title()})
	}
	for n, f := range form.Fields {
		view.Rows = append(view.Rows, fieldRow{n + 1, strconv.Itoa(n), f})
	}
	return view
}

func (o office) fields(r *web.Request) error {
	e, err := o.load(r)
	if err != nil {
		return err
	}
	if e.Status != Draft || e.FileID == uuid.Nil {
		return r.Go(r.Path("envelopes", e.ID))
	}
	form := fieldsForm{Version: e.Version}
	for _, f := range e.Fields {
		form.Fields = append(form.Fields, fieldFormOf(f))
	}
	return r.Show("envelopes/fields", o.fieldsView(r, e, form))
}

// placed is what our script hears of fields that it has sent.
type placed struct {
	Version int    `json:"version"`
	Problem string `json:"problem,omitempty"`
}

// saveFields keeps all fields at once: from the list of the page, or from our script at every move.
func (o office) saveFields(r *web.Request) error {
	e, err := o.holding(r)
	if err != nil {
		return err
	}
	var form fieldsForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	form.Fields = fieldsTyped(r)
	if e.Status == Draft && form.Do != "" {
		if form.Do == "add" && len(e.Recipients) > 0 {
			form.Fields = append(form.Fields, fieldForm{Kind: string(SignatureField), Page: strconv.Itoa(max(e.Pages, 1)), X: "10", Y: "80", W: "28", H: "7.2"})
		}
		form.Fields = without(form.Fields, form.Do, "remove-")
		return r.Show("envelopes/fields", o.fieldsView(r, e, form))
	}
	list, problems := fieldsFrom(form.Fields, e)
	wrong = together(wrong, problems)
	if wrong == nil && (e.Status != Draft || form.Version != e.Version) {
		wrong = errMoved
	}
	if wrong == nil {
		e.Fields = list
		if wrong = updateDraft(r.Context(), r.Tx(), r.Viewer(), &e); wrong == nil {
			wrong = putFields(r.Context(), r.Tx(), r.Viewer(), &e)
		}
	}
	if r.Header("X-Place") != "" {
		return tellPlaced(r, e, wrong)
	}
	if wrong != nil {
		if e.Status != Draft {
			return wrong
		}
		if fault.Is(wrong, fault.Clash) {
			form.Version = e.Version
		}
		return r.Again("envelopes/fields", o.fieldsView(r, e, form), wrong)
	}
	if err := note(r.Context(), r.Tx(), r.Viewer(), e, "envelopes.placed", "placed the fields of “"+e.Title+"”", nil); err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("envelopes", e.ID))
}

// tellPlaced answers our script.
func tellPlaced(r *web.Request, e Envelope, wrong error) error {
	said, refused := fault.Of(wrong)
	if wrong != nil && !refused {
		return wrong
	}
	answer := placed{Version: e.Version}
	if refused {
		answer.Problem = said.Message
		for _, text := range said.Fields {
			answer.Problem = text
		}
		if r.Status(422); said.Kind == fault.Clash {
			r.Status(409)
		}
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return r.JSON(text)
}
