package sheet

import (
	"regexp"
	"strings"
)

// Address is a postal address in its parts.
type Address struct{ Street, City, Region, Postcode, Country string }

var (
	regionCode = regexp.MustCompile(`^(?i)([a-z][a-z .]*?)[ ,]+(\d{5}(?:-\d{4})?|[a-z]\d[a-z] ?\d[a-z]\d|\d{4})$`)         // TX 78701, ON K1A 0B1, NSW 2000
	codeCity   = regexp.MustCompile(`^(?:[A-Z]{1,2}-)?(\d{4,5}|\d{3} \d{2}|\d{2}-\d{3}) +(\pL.*)$`)                        // 10115 Berlin
	onlyCode   = regexp.MustCompile(`^(?i)(\d{4,6}(?:-\d{4})?|[a-z]\d[a-z] ?\d[a-z]\d|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})$`) // 78701, SW1A 1AA
	cityCode   = regexp.MustCompile(`^(?i)(\pL[\pL .'-]*?) +([a-z]{2}) +(\d{5}(?:-\d{4})?)$`)                              // Austin TX 78701
	regionOnly = regexp.MustCompile(`^[A-Z]{2,3}$`)
)

var countries = func() map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Split("usa,us,u.s.a.,united states,united states of america,canada,mexico,uk,united kingdom,great britain,england,scotland,wales,ireland,germany,deutschland,austria,österreich,switzerland,schweiz,suisse,france,italy,italia,spain,españa,portugal,netherlands,nederland,belgium,belgique,luxembourg,denmark,danmark,sweden,sverige,norway,norge,finland,suomi,poland,polska,czech republic,czechia,slovakia,hungary,greece,australia,new zealand,south africa,india,japan,brazil,brasil,argentina,chile,colombia,israel,turkey,united arab emirates,singapore", ",") {
		all[name] = true
	}
	return all
}()

// SplitAddress cuts an address in one cell into its parts, as well as commas and line ends tell.
func SplitAddress(text string) Address {
	var parts []string
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ',' || r == ';' }) {
		if line = oneLine(line); line != "" {
			parts = append(parts, line)
		}
	}
	var a Address
	last := func() string {
		if len(parts) == 0 {
			return ""
		}
		return parts[len(parts)-1]
	}
	drop := func() { parts = parts[:len(parts)-1] }
	if len(parts) > 1 && countries[strings.ToLower(last())] {
		a.Country = last()
		drop()
	}
	switch {
	case len(parts) < 2:
	case codeCity.MatchString(last()):
		m := codeCity.FindStringSubmatch(last())
		a.Postcode, a.City = m[1], m[2]
		drop()
	case cityCode.MatchString(last()):
		m := cityCode.FindStringSubmatch(last())
		a.City, a.Region, a.Postcode = m[1], m[2], m[3]
		drop()
	case regionCode.MatchString(last()):
		m := regionCode.FindStringSubmatch(last())
		a.Region, a.Postcode = m[1], m[2]
		drop()
	case onlyCode.MatchString(last()):
		a.Postcode = last()
		drop()
		if len(parts) > 2 && len(last()) < 20 || regionOnly.MatchString(last()) {
			a.Region = last()
			drop()
		}
	case len(parts) > 2 && regionOnly.MatchString(last()):
		a.Region = last()
		drop()
	}
	if a.City == "" && len(parts) > 1 {
		a.City = last()
		drop()
	}
	a.Street = strings.Join(parts, ", ")
	return a
}

// JoinName makes one name of its parts.
func JoinName(parts ...string) string { return oneLine(strings.Join(parts, " ")) }

var suffix = regexp.MustCompile(`^(?i)(jr|sr|ii|iii|iv|md|dds|dvm|phd|esq|cpa|inc|llc|ltd|co|gmbh|corp)\.?$`)

// PersonName turns "Rivera, Ana" round.
func PersonName(name string) string {
	last, first, found := strings.Cut(name, ",")
	first, last = oneLine(first), oneLine(last)
	if !found || first == "" || last == "" || strings.Contains(first, ",") || suffix.MatchString(first) || len(strings.Fields(first)) > 3 || len(strings.Fields(last)) > 2 {
		return oneLine(name)
	}
	return first + " " + last
}
