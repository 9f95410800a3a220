package clients

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/currency"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/search"
)

const (
	planned   = "planned"
	active    = "active"
	completed = "completed"
	archived  = "archived"
)

var statuses = []string{planned, active, completed, archived}

func isStatus(s string) bool { return slices.Contains(statuses, s) }

// Project is a piece of work for one client.
type Project struct {
	ID, ClientID                            uuid.UUID
	Key, Name                               string
	Street, City, Region, Postcode, Country string
	Status                                  string
	Summary, NextSteps                      string // for the client
	Notes                                   string // staff only
	StartsOn, EndsOn                        day.Day
	Currency                                string
	Shared                                  bool // the client may see it
	Version                                 int
	CreatedAt, UpdatedAt                    time.Time
	ClientName                              string
	ClientOn                                bool // the client's portal is
}

// Address is where the work is done.
func (p Project) Address() string { return address(p.Street, p.City, p.Region, p.Postcode, p.Country) }

// StatusTitle names the status for people.
func (p Project) StatusTitle() string { return statusTitle(p.Status) }

func statusTitle(status string) string {
	return map[string]string{planned: "Planned", active: "Active", completed: "Completed", archived: "Archived"}[status]
}

// StatusKind is the badge of the status.
func (p Project) StatusKind() string {
	return map[string]string{planned: "info", active: "brand", completed: "ok", archived: "muted"}[p.Status]
}

// Steps are the next steps, one a line.
func (p Project) Steps() []string {
	return strings.FieldsFunc(p.NextSteps, func(r rune) bool { return r == '\n' })
}

// Visible reports whether the client may see it, as far as the project has a say.
func (p Project) Visible() bool { return p.Shared && p.Status != archived }

func (p Project) fields() []field {
	return []field{
		{"name", "Name", p.Name}, {"key", "Short name", p.Key}, {"status", "Status", p.StatusTitle()},
		{"street", "Street", p.Street}, {"city", "City", p.City}, {"region", "State or region", p.Region},
		{"postcode", "Postal code", p.Postcode}, {"country", "Country", p.Country},
		{"starts_on", "Start", p.StartsOn.String()}, {"ends_on", "End", p.EndsOn.String()}, {"currency", "Currency", p.Currency},
		{"summary", "Summary", p.Summary}, {"next_steps", "Next steps", p.NextSteps}, {"notes", "Internal notes", p.Notes},
		{"shared", "Shared with the client", yesNo(p.Shared)},
	}
}

func yesNo(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// projectForm is what staff type about a project.
type projectForm struct {
	ClientID  uuid.UUID `form:"client"` // only when it is made
	Name      string    `form:"name"`
	Key       string    `form:"key"` // "": suggested from the name
	Street    string    `form:"street"`
	City      string    `form:"city"`
	Region    string    `form:"region"`
	Postcode  string    `form:"postcode"`
	Country   string    `form:"country"`
	Status    string    `form:"status"`
	Summary   string    `form:"summary"`
	NextSteps string    `form:"next_steps"`
	Notes     string    `form:"notes"`
	StartsOn  day.Day   `form:"starts_on"`
	EndsOn    day.Day   `form:"ends_on"`
	Currency  string    `form:"currency"`
	Shared    bool      `form:"shared"`
	Version   int       `form:"version"`
}

var keyShape = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,78}$`)

// Check tidies what was typed and says what is wrong with it.
func (f *projectForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Name = checkName(wrong, "name", f.Name, "Enter a name, such as the street or the occasion.")
	f.Key = strings.ToLower(f.Key)
	switch {
	case f.Key == "":
	case !keyShape.MatchString(f.Key):
		wrong["key"] = "Use small letters, digits and dashes, such as maple-street."
	case f.Key == "all":
		wrong["key"] = "This short name is taken by “All projects”. Please choose another one."
	}
	for name, line := range map[string]*string{"street": &f.Street, "city": &f.City, "region": &f.Region, "postcode": &f.Postcode, "country": &f.Country} {
		*line = checkLine(wrong, name, *line)
	}
	if !isStatus(f.Status) {
		wrong["status"] = "Choose one from the list."
	}
	if !f.StartsOn.IsZero() && !f.EndsOn.IsZero() && f.EndsOn.Before(f.StartsOn) {
		wrong["ends_on"] = "The end comes before the start."
	}
	f.Summary, f.NextSteps, f.Notes = checkText(wrong, "summary", f.Summary), checkText(wrong, "next_steps", f.NextSteps), checkText(wrong, "notes", f.Notes)
	f.Currency = strings.ToUpper(f.Currency)
	if _, err := currency.ParseISO(f.Currency); err != nil || len(f.Currency) != 3 {
		wrong["currency"] = "Enter a currency such as USD or EUR."
	}
	return wrong
}

func (f *projectForm) onto(p Project) Project {
	p.Name, p.Status, p.Summary, p.NextSteps, p.Notes = f.Name, f.Status, f.Summary, f.NextSteps, f.Notes
	p.Street, p.City, p.Region, p.Postcode, p.Country = f.Street, f.City, f.Region, f.Postcode, f.Country
	p.StartsOn, p.EndsOn, p.Currency, p.Shared = f.StartsOn, f.EndsOn, f.Currency, f.Shared
	if f.Key != "" {
		p.Key = f.Key
	}
	return p
}

func projectFormOf(p Project) *projectForm {
	return &projectForm{
		ClientID: p.ClientID, Name: p.Name, Key: p.Key, Street: p.Street, City: p.City, Region: p.Region, Postcode: p.Postcode, Country: p.Country,
		Status: p.Status, Summary: p.Summary, NextSteps: p.NextSteps, Notes: p.Notes, StartsOn: p.StartsOn, EndsOn: p.EndsOn,
		Currency: p.Currency, Shared: p.Shared, Version: p.Version,
	}
}

// keyFrom suggests the name of a project in addresses: "Maple Street remodel" is maple-street-remodel.
func keyFrom(name string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(search.Fold(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		if b.Len() > 0 {
			if b.Len()+1+len(word) > 40 {
				break
			}
			b.WriteByte('-')
		}
		b.WriteString(word[:min(len(word), 40)])
	}
	if key := b.String(); key != "" && key != "all" {
		return key
	}
	return "project"
}

// keyNext is the next one to try when a suggested key is taken.
func keyNext(key string, n int) string { return key + "-" + strconv.Itoa(n) }
