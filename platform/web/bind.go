package web

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
)

// Checker is a form that knows what is wrong with it, field by field.
type Checker interface{ Check() fault.Fields }

// Bind reads the body into the fields of form that are tagged `form:"name"`: string (blanks around it dropped;
// `form:"name,raw"` keeps them), bool, int, float-free numbers, uuid.UUID, day.Day, slices of string and uuid.UUID,
// *File and []*File. What was typed stays in form even if it is refused, so that nothing is lost. Only tagged fields
// are ever set. If form is a Checker, its complaints are added.
func (r *Request) Bind(form any) error {
	if err := r.parseBody(); err != nil {
		return err
	}
	problems := fault.Fields{}
	v := reflect.ValueOf(form).Elem()
	for i := range v.NumField() {
		tag, ok := v.Type().Field(i).Tag.Lookup("form")
		if !ok {
			continue
		}
		name, raw := strings.CutSuffix(tag, ",raw")
		if problem := r.set(v.Field(i), name, raw); problem != "" {
			problems[name] = problem
		}
	}
	if checker, ok := form.(Checker); ok {
		for name, problem := range checker.Check() {
			if problems[name] == "" && problem != "" {
				problems[name] = problem
			}
		}
	}
	return fault.InFields(problems)
}

// Value is one value of the body.
func (r *Request) Value(name string) string {
	if err := r.parseBody(); err != nil {
		return ""
	}
	return strings.TrimSpace(plain(r.form.Get(name)))
}

// Values are all values of one name in the body.
func (r *Request) Values(name string) []string {
	if err := r.parseBody(); err != nil {
		return nil
	}
	return plains(r.form[name])
}

func (r *Request) set(field reflect.Value, name string, raw bool) (problem string) {
	text := r.form.Get(name)
	if !storable(text) {
		return "This contains characters that cannot be stored."
	}
	if !raw {
		text = strings.TrimSpace(text)
	}
	switch into := field.Addr().Interface().(type) {
	case *string:
		*into = strings.ReplaceAll(text, "\r\n", "\n")
	case *bool:
		*into = text == "on" || text == "true" || text == "1" || text == "yes"
	case *int:
		if text == "" {
			return ""
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return "Enter a whole number."
		}
		*into = n
	case *uuid.UUID:
		if text == "" {
			return ""
		}
		id, err := uuid.Parse(text)
		if err != nil {
			return "Choose one from the list."
		}
		*into = id
	case *day.Day:
		d, err := day.Parse(text)
		if text != "" && err != nil {
			return "Enter a date, such as 2026-12-03."
		}
		if text != "" && (d.Year() < 1900 || d.Year() > 2200) {
			return "Enter a year between 1900 and 2200."
		}
		*into = d
	case *[]string:
		for _, value := range r.form[name] {
			if value != "" && storable(value) {
				*into = append(*into, value)
			}
		}
	case *[]uuid.UUID:
		for _, value := range r.form[name] {
			id, err := uuid.Parse(value)
			if err != nil {
				return "Choose from the list."
			}
			*into = append(*into, id)
		}
	case **File:
		if files := r.files[name]; len(files) > 0 {
			*into = files[0]
		}
	case *[]*File:
		*into = r.files[name]
	default:
		if field.Kind() == reflect.String { // a named string: a role, a status
			field.SetString(text)
			return ""
		}
		panic(fmt.Sprintf("web: form field %q has the type %s, which Bind does not know", name, field.Type()))
	}
	return ""
}
