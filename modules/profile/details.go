package profile

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/post"
	"portico/platform/web"
)

// details are what a person keeps about himself or herself.
type details struct {
	Name, Phone string
	Title       string // the contact's or the member's; the team's to change
	PhotoID     uuid.UUID
}

// detailsForm is how they come in.
type detailsForm struct {
	Name   string    `form:"name"`
	Phone  string    `form:"phone"`
	Photo  *web.File `form:"photo"`
	Remove bool      `form:"remove_photo"`
}

// Check says what is wrong with it.
func (f *detailsForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Name, f.Phone = oneLine(f.Name), oneLine(f.Phone)
	switch n := utf8.RuneCountInString(f.Name); {
	case n == 0:
		wrong["name"] = "Enter your name."
	case n > 120:
		wrong["name"] = "Use at most 120 characters."
	}
	digits := 0
	for _, r := range f.Phone {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	switch {
	case utf8.RuneCountInString(f.Phone) > 40:
		wrong["phone"] = "Use at most 40 characters."
	case f.Phone != "" && digits < 5:
		wrong["phone"] = "Enter a number such as +1 512 555 0141, or leave it empty."
	}
	return wrong
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// preferencesForm is how the product shows itself to a person.
type preferencesForm struct {
	Locale string `form:"locale"`
	Zone   string `form:"zone"`
	Theme  string `form:"theme"`
	Mails  string `form:"mails"`
}

// Check says what is wrong with it; the zone is checked where it is kept.
func (f *preferencesForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if !slices.ContainsFunc(languages, func(o option) bool { return o.Value == f.Locale }) {
		wrong["locale"] = "Choose one from the list."
	}
	if f.Mails != "" && !post.Choice(f.Mails).Valid() {
		wrong["mails"] = "Choose one from the list."
	}
	return wrong
}

// option is one choice of a list.
type option struct{ Value, Title string }

// languages are those in which the product speaks, as each calls itself; the first is what the firm has chosen.
var languages = []option{{"", "As the firm"}, {"en-US", "English (United States)"}, {"en-GB", "English (United Kingdom)"}, {"es-ES", "Español"}, {"fr-FR", "Français"}, {"de-DE", "Deutsch"}}

var themes = []option{{"", "As the device"}, {"light", "Light"}, {"dark", "Dark"}}

var zoneNames = strings.Fields(`
	America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles America/Anchorage Pacific/Honolulu
	America/Halifax America/St_Johns America/Toronto America/Winnipeg America/Edmonton America/Vancouver America/Puerto_Rico
	America/Mexico_City America/Bogota America/Lima America/Santiago America/Sao_Paulo America/Argentina/Buenos_Aires
	Europe/London Europe/Dublin Europe/Lisbon Europe/Madrid Europe/Paris Europe/Brussels Europe/Amsterdam Europe/Berlin Europe/Zurich
	Europe/Vienna Europe/Rome Europe/Copenhagen Europe/Oslo Europe/Stockholm Europe/Helsinki Europe/Warsaw Europe/Prague
	Europe/Budapest Europe/Athens Europe/Bucharest Europe/Kyiv Europe/Istanbul Africa/Casablanca Africa/Cairo Africa/Lagos
	Africa/Nairobi Africa/Johannesburg Asia/Jerusalem Asia/Dubai Asia/Riyadh Asia/Karachi Asia/Kolkata Asia/Dhaka Asia/Bangkok
	Asia/Singapore Asia/Hong_Kong Asia/Shanghai Asia/Manila Asia/Seoul Asia/Tokyo Australia/Perth Australia/Adelaide Australia/Brisbane
	Australia/Sydney Pacific/Auckland UTC`)

// zones are the choices of a person; what is chosen now is among them, however rare it is.
func zones(here *web.Here, chosen, firm string) []option {
	all := []option{{"", here.Say("As the firm: %s", zoneTitle(firm))}}
	if chosen != "" && !slices.Contains(zoneNames, chosen) {
		all = append(all, option{chosen, zoneTitle(chosen)})
	}
	for _, name := range zoneNames {
		all = append(all, option{name, zoneTitle(name)})
	}
	return all
}

// zoneTitle writes "America/New_York" as "New York (America)".
func zoneTitle(name string) string {
	i := strings.LastIndex(name, "/")
	if i < 0 {
		return name
	}
	return strings.ReplaceAll(name[i+1:]+" ("+name[:i]+")", "_", " ")
}
