package envelopes

import (
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
)

const longestValue = 300

// answer is what a form of a signer said. What is not valid stays in it, so that nothing is lost.
type answer struct {
	Read    bool `form:"read"`
	Consent bool `form:"consent"`
	Confirm bool `form:"confirm"`

	Kind    string `form:"signature_kind"`
	Text    string `form:"signature_text"`
	Strokes string `form:"signature_strokes,raw"`

	InitialsKind    string `form:"initials_kind"`
	InitialsText    string `form:"initials_text"`
	InitialsStrokes string `form:"initials_strokes,raw"`

	Document string `form:"document"` // the hash of the file that was read, in hex

	Values map[uuid.UUID]string // of the signer's own fields that are filled in by hand

	signature, initials *Ink
}

// fieldName is how a form calls a field.
func fieldName(field uuid.UUID) string { return "field-" + field.String() }

// fieldsFor are the fields of one recipient.
func (e Envelope) fieldsFor(recipient uuid.UUID) []Field {
	var list []Field
	for _, f := range e.Fields {
		if f.RecipientID == recipient {
			list = append(list, f)
		}
	}
	return list
}

// take reads the values of the recipient's own fields, and no others'.
func (a *answer) take(fields []Field, value func(name string) string) {
	a.Values = map[uuid.UUID]string{}
	for _, f := range fields {
		switch text := value(fieldName(f.ID)); f.Kind {
		case TextField:
			a.Values[f.ID] = text
		case CheckboxField:
			if text != "" {
				a.Values[f.ID] = "x"
			}
		}
	}
}

// wants reports which kinds of ink a recipient gives. Whoever signs does so even where no place was marked: the name then
// stands in the certificate.
func wants(r Recipient, fields []Field) (signature, initials bool) {
	for _, f := range fields {
		signature = signature || f.Kind == SignatureField
		initials = initials || f.Kind == InitialsField
	}
	return r.Role != Approver || signature, initials
}

// check says what is missing, field by field, and makes ink of what was typed or drawn.
func (a *answer) check(r Recipient, fields []Field) fault.Fields {
	wrong := fault.Fields{}
	if !a.Read {
		wrong["read"] = "Please read every page first."
	}
	for _, f := range fields {
		if text := badValue(f, a.Values[f.ID]); text != "" {
			wrong[fieldName(f.ID)] = text
		}
	}
	if !a.Consent {
		wrong["consent"] = "Please agree, or ask for paper instead."
	}
	signature, initials := wants(r, fields)
	var problem string
	if signature {
		if a.signature, problem = inkOf(a.Kind, a.Text, a.Strokes, longestName); problem != "" {
			wrong["signature_"+box(a.Kind)] = problem
		}
	}
	if initials {
		if a.initials, problem = inkOf(a.InitialsKind, a.InitialsText, a.InitialsStrokes, longestShort); problem != "" {
			wrong["initials_"+box(a.InitialsKind)] = problem
		}
	}
	if !a.Confirm {
		wrong["confirm"] = "Please confirm that you mean it."
	}
	return wrong
}

// box is the control at which a word about ink stands.
func box(kind string) string {
	if kind == "drawn" {
		return "pad"
	}
	return "text"
}

func badValue(f Field, value string) string {
	switch f.Kind {
	case TextField:
		switch {
		case f.Required && value == "":
			return "Fill in “" + f.Name() + "”."
		case utf8.RuneCountInString(value) > longestValue:
			return "Use at most 300 characters."
		case strings.ContainsAny(value, "\r\n\t"):
			return "Write it in one line."
		}
	case CheckboxField:
		if f.Required && value == "" {
			return "Tick “" + f.Name() + "” to go on."
		}
	}
	return ""
}

// Name is what a field is called on the page.
func (f Field) Name() string {
	if f.Label != "" {
		return f.Label
	}
	return f.Kind.Title()
}

// valueOf is what goes into a field once its recipient signs on a day.
func (a *answer) valueOf(f Field, today string) string {
	switch f.Kind {
	case DateField:
		return today
	case TextField, CheckboxField:
		return a.Values[f.ID]
	}
	return ""
}
