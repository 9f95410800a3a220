package setup

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// option is one choice of a list.
type option struct{ Value, Title string }

var kinds = []option{{"builder", "Builder or remodeler"}, {"agency", "Agency"}, {"services", "Professional services"}, {"events", "Events"}}

var locales = []option{
	{"en-US", "English (United States)"}, {"en-GB", "English (United Kingdom)"}, {"en-CA", "English (Canada)"}, {"en-AU", "English (Australia)"},
	{"en-NZ", "English (New Zealand)"}, {"en-IE", "English (Ireland)"},
}

var currencies = []option{
	{"USD", "US dollar (USD)"}, {"EUR", "Euro (EUR)"}, {"GBP", "British pound (GBP)"}, {"CAD", "Canadian dollar (CAD)"},
	{"AUD", "Australian dollar (AUD)"}, {"NZD", "New Zealand dollar (NZD)"}, {"CHF", "Swiss franc (CHF)"}, {"SEK", "Swedish krona (SEK)"},
	{"NOK", "Norwegian krone (NOK)"}, {"DKK", "Danish krone (DKK)"}, {"PLN", "Polish złoty (PLN)"}, {"CZK", "Czech koruna (CZK)"},
	{"MXN", "Mexican peso (MXN)"}, {"BRL", "Brazilian real (BRL)"}, {"ZAR", "South African rand (ZAR)"}, {"JPY", "Japanese yen (JPY)"},
	{"SGD", "Singapore dollar (SGD)"}, {"HKD", "Hong Kong dollar (HKD)"}, {"INR", "Indian rupee (INR)"}, {"AED", "UAE dirham (AED)"},
}

var zones = zoneOptions(`
	America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles America/Anchorage Pacific/Honolulu
	America/Halifax America/St_Johns America/Toronto America/Winnipeg America/Edmonton America/Vancouver America/Puerto_Rico
	America/Mexico_City America/Bogota America/Lima America/Santiago America/Sao_Paulo America/Argentina/Buenos_Aires
	Europe/London Europe/Dublin Europe/Lisbon Europe/Madrid Europe/Paris Europe/Brussels Europe/Amsterdam Europe/Berlin Europe/Zurich
	Europe/Vienna Europe/Rome Europe/Copenhagen Europe/Oslo Europe/Stockholm Europe/Helsinki Europe/Warsaw Europe/Prague
	Europe/Budapest Europe/Athens Europe/Bucharest Europe/Kyiv Europe/Istanbul Africa/Casablanca Africa/Cairo Africa/Lagos
	Africa/Nairobi Africa/Johannesburg Asia/Jerusalem Asia/Dubai Asia/Riyadh Asia/Karachi Asia/Kolkata Asia/Dhaka Asia/Bangkok
	Asia/Singapore Asia/Hong_Kong Asia/Shanghai Asia/Manila Asia/Seoul Asia/Tokyo Australia/Perth Australia/Adelaide Australia/Brisbane
	Australia/Sydney Pacific/Auckland UTC`)

func zoneOptions(names string) []option {
	var all []option
	for _, name := range strings.Fields(names) {
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

// including keeps what is chosen now in its list, however rare it is.
func including(options []option, value string) []option {
	if value == "" || slices.ContainsFunc(options, func(o option) bool { return o.Value == value }) {
		return options
	}
	return append([]option{{value, value}}, options...)
}

// roleNames writes staff roles as one line.
func roleNames(roles []string) string {
	sorted := slices.Clone(roles)
	slices.Sort(sorted)
	return strings.Join(sorted, ", ")
}

// tellPicture says of a picture what the activity log may: that there is one, and which.
func tellPicture(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return "picture " + id.String()[24:]
}
