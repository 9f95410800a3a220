package clients

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/fault"
)

// Client is a household or company for which the firm works.
type Client struct {
	ID                                      uuid.UUID
	Name, Kind                              string
	Email, Phone                            string
	Street, City, Region, Postcode, Country string
	Notes                                   string // staff only
	PortalOn                                bool
	LogoID                                  uuid.UUID
	ArchivedAt                              time.Time
	Version                                 int
	CreatedAt, UpdatedAt                    time.Time
}

// Archived reports whether the client was put away.
func (c Client) Archived() bool { return !c.ArchivedAt.IsZero() }

// Address is what an envelope would show, in one line.
func (c Client) Address() string { return address(c.Street, c.City, c.Region, c.Postcode, c.Country) }

func address(street, city, region, postcode, country string) string {
	var parts []string
	for _, part := range []string{street, city, strings.TrimSpace(region + " " + postcode), country} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// KindTitle names the kind for people.
func (c Client) KindTitle() string { return kindTitle(c.Kind) }

func kindTitle(kind string) string {
	if kind == "company" {
		return "Company"
	}
	return "Household"
}

// field is one thing that a form can change: its name in the form, its label, its value.
type field struct{ Name, Label, Value string }

// difference is a field in which what was typed and what is stored by now are not the same.
type difference struct{ Label, Stored, Typed string }

func differences(stored, typed []field) []difference {
	var all []difference
	for i, s := range stored {
		if s.Value != typed[i].Value {
			all = append(all, difference{s.Label, s.Value, typed[i].Value})
		}
	}
	return all
}

// asMap is how activity keeps fields.
func asMap(fields []field) map[string]any {
	m := make(map[string]any, len(fields))
	for _, f := range fields {
		m[f.Name] = f.Value
	}
	return m
}

// changed names the labels of what differs, for a sentence.
func changed(before, after []field) []string {
	var labels []string
	for _, d := range differences(before, after) {
		labels = append(labels, strings.ToLower(d.Label))
	}
	return labels
}

func (c Client) fields() []field {
	return []field{
		{"name", "Name", c.Name}, {"kind", "Kind", c.KindTitle()}, {"email", "Email", c.Email}, {"phone", "Phone", c.Phone},
		{"street", "Street", c.Street}, {"city", "City", c.City}, {"region", "State or region", c.Region},
		{"postcode", "Postal code", c.Postcode}, {"country", "Country", c.Country}, {"notes", "Internal notes", c.Notes},
	}
}

// clientForm is what staff type about a client. A new one may bring its first contact.
type clientForm struct {
	Name     string `form:"name"`
	Kind     string `form:"kind"`
	Email    string `form:"email"`
	Phone    string `form:"phone"`
	Street   string `form:"street"`
	City     string `form:"city"`
	Region   string `form:"region"`
	Postcode string `form:"postcode"`
	Country  string `form:"country"`
	Notes    string `form:"notes"`

	ContactName  string `form:"contact_name"`
	ContactEmail string `form:"contact_email"`
	ContactPhone string `form:"contact_phone"`

	Version int  `form:"version"` // the one that was read
	Anyway  bool `form:"anyway"`  // although there is one of that name and address
}

// Check tidies what was typed and says what is wrong with it.
func (f *clientForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Name = checkName(wrong, "name", f.Name, "Enter the name of the household or company.")
	if f.Kind != "household" && f.Kind != "company" {
		wrong["kind"] = "Choose household or company."
	}
	f.Email = checkEmail(wrong, "email", f.Email)
	f.Phone = checkPhone(wrong, "phone", f.Phone)
	for name, line := range map[string]*string{"street": &f.Street, "city": &f.City, "region": &f.Region, "postcode": &f.Postcode, "country": &f.Country} {
		*line = checkLine(wrong, name, *line)
	}
	f.Notes = checkText(wrong, "notes", f.Notes)
	if f.ContactName == "" && f.ContactEmail+f.ContactPhone != "" {
		wrong["contact_name"] = "Enter the contact's name, or leave all three fields empty."
	}
	f.ContactName = checkLine(wrong, "contact_name", f.ContactName)
	f.ContactEmail = checkEmail(wrong, "contact_email", f.ContactEmail)
	if wrong["contact_email"] != "" && wrong["email"] != "" { // two sentences in the summary must differ
		wrong["contact_email"] = "Enter the contact's address, such as ana@example.com."
	}
	f.ContactPhone = checkPhone(wrong, "contact_phone", f.ContactPhone)
	return wrong
}

// onto gives the client as the form wants it.
func (f *clientForm) onto(c Client) Client {
	c.Name, c.Kind, c.Email, c.Phone, c.Notes = f.Name, f.Kind, f.Email, f.Phone, f.Notes
	c.Street, c.City, c.Region, c.Postcode, c.Country = f.Street, f.City, f.Region, f.Postcode, f.Country
	return c
}

func formOf(c Client) *clientForm {
	return &clientForm{
		Name: c.Name, Kind: c.Kind, Email: c.Email, Phone: c.Phone, Street: c.Street, City: c.City, Region: c.Region,
		Postcode: c.Postcode, Country: c.Country, Notes: c.Notes, Version: c.Version,
	}
}

const (
	lineLength = 120
	textLength = 10_000
)

func checkName(wrong fault.Fields, name, typed, missing string) string {
	if typed = tidy(typed); typed == "" {
		wrong[name] = missing
	}
	return checkLine(wrong, name, typed)
}

func checkLine(wrong fault.Fields, name, typed string) string {
	typed = tidy(typed)
	if utf8.RuneCountInString(typed) > lineLength {
		wrong[name] = "Use at most 120 characters."
	}
	return typed
}

func checkText(wrong fault.Fields, name, typed string) string {
	typed = strings.TrimSpace(typed)
	if utf8.RuneCountInString(typed) > textLength {
		wrong[name] = "Use at most 10,000 characters."
	}
	return typed
}

// checkEmail leaves what is no address as it was typed, to be mended.
func checkEmail(wrong fault.Fields, name, typed string) string {
	typed = tidy(typed)
	if typed == "" {
		return ""
	}
	email, ok := auth.CleanEmail(typed)
	if !ok {
		wrong[name] = "Enter an address such as ana@example.com."
		return typed
	}
	return email
}

var phoneShape = regexp.MustCompile(`^\+?[0-9 ()./\-]{4,30}( ?(x|ext\.?) ?[0-9]{1,8})?$`)

func checkPhone(wrong fault.Fields, name, typed string) string {
	typed = tidy(typed)
	if typed != "" && !phoneShape.MatchString(typed) {
		wrong[name] = "Enter a phone number such as +1 512 555 0141."
	}
	return typed
}

// tidy makes one line of what was typed.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }
