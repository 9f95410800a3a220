// Package people keeps the persons of a firm, who of them is staff, and which contacts may sign in.
package people

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/fault"
)

// Person is one mail address within one firm: the one who signs in.
type Person struct {
	ID           uuid.UUID
	Email, Name  string
	Locale, Zone string
	Theme        string
	PhotoID      uuid.UUID
	LastSignInAt time.Time // zero: never
}

// Staff is a person who works for the firm.
type Staff struct {
	PersonID                        uuid.UUID
	Name, Email                     string
	PhotoID                         uuid.UUID
	Role                            access.Role
	Title, Phone                    string
	ShowPhoto, ShowEmail, ShowPhone bool
	SecondFactor                    bool      // has one set up
	MustFactor                      bool      // must show one, whatever the role
	DisabledAt                      time.Time // zero: active
	LastSignInAt                    time.Time
	CreatedAt                       time.Time
}

// Active reports whether the member of staff may sign in.
func (s Staff) Active() bool { return s.DisabledAt.IsZero() }

// NewStaff is a member of staff to be added.
type NewStaff struct {
	Name, Email, Title, Phone string
	Role                      access.Role
}

func (n *NewStaff) check() error {
	fields := fault.Fields{}
	n.Name = checkName(fields, "name", n.Name)
	n.Email = checkEmail(fields, "email", n.Email)
	n.Title, n.Phone = tidy(n.Title), tidy(n.Phone)
	if n.Role == access.NoRole {
		n.Role = access.Member
	}
	if !known(n.Role) {
		fields["role"] = "Choose owner, admin or member."
	}
	return fault.InFields(fields)
}

// StaffDetails are what can be changed about a member of staff beside role and address.
type StaffDetails struct {
	Name, Title, Phone              string
	ShowPhoto, ShowEmail, ShowPhone bool
}

func (d *StaffDetails) check() error {
	fields := fault.Fields{}
	d.Name = checkName(fields, "name", d.Name)
	d.Title, d.Phone = tidy(d.Title), tidy(d.Phone)
	return fault.InFields(fields)
}

// Own are the details that a person keeps about himself or herself.
type Own struct{ Name, Locale, Zone, Theme string }

func (o *Own) check() error {
	fields := fault.Fields{}
	o.Name = checkName(fields, "name", o.Name)
	if o.Zone != "" {
		if _, err := time.LoadLocation(o.Zone); err != nil || o.Zone == "Local" {
			fields["zone"] = "Choose a time zone from the list."
		}
	}
	if o.Theme != "" && o.Theme != "light" && o.Theme != "dark" {
		fields["theme"] = "Choose light, dark, or as the device."
	}
	return fault.InFields(fields)
}

// byWhom is who changes the staff; a job (auth.System) may do everything but leave a firm without an owner.
func byWhom(v auth.Viewer) access.Role {
	if v.Side == auth.Program {
		return access.Owner
	}
	if v.Side != auth.Office {
		return access.NoRole
	}
	return v.Role
}

// mayChange is the rule for a new role of a member of staff (NoRole: to be disabled). owners are the active owners.
func mayChange(by access.Role, self bool, from, to access.Role, owners int) error {
	switch {
	case !by.AtLeast(access.Admin):
		return fault.Forbidden("Only owners and admins change the staff.")
	case (from == access.Owner || to == access.Owner) && by != access.Owner:
		return fault.Forbidden("Only an owner can do that.")
	case from == access.Owner && to != access.Owner && owners <= 1:
		return fault.Conflict("This is the last owner. Make somebody else an owner first.")
	case self && to == access.NoRole:
		return fault.Conflict("You cannot switch off your own access. Please ask another owner or admin.")
	}
	return nil
}

func known(r access.Role) bool { return r == access.Owner || r == access.Admin || r == access.Member }

func checkName(fields fault.Fields, field, name string) string {
	name = tidy(name)
	switch {
	case name == "":
		fields[field] = "Enter a name."
	case utf8.RuneCountInString(name) > 120:
		fields[field] = "Use at most 120 characters."
	}
	return name
}

func checkEmail(fields fault.Fields, field, typed string) string {
	email, ok := auth.CleanEmail(typed)
	if !ok {
		fields[field] = "Enter an address such as name@example.com."
	}
	return email
}

// tidy makes one line of what was typed.
func tidy(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	return strings.Join(strings.Fields(s), " ")
}
