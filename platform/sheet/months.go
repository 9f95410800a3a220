package sheet

import "strings"

// months are the names in the languages whose exports we have met, by the English short name.
var months = func() map[string]string {
	all := map[string]string{}
	for english, names := range map[string]string{
		"Jan": "januar jänner jän janvier janv enero ene gennaio gen januari",
		"Feb": "februar février févr fév febrero febbraio februari",
		"Mar": "märz mär mrz maerz mars marzo maart",
		"Apr": "avril avr abril abr aprile",
		"May": "mai mayo maggio mag mei",
		"Jun": "juni juin junio giugno giu",
		"Jul": "juli juillet juil julio luglio lug",
		"Aug": "août aout agosto ago augustus",
		"Sep": "sept septembre septiembre settembre set",
		"Oct": "oktober okt octobre octubre ottobre ott",
		"Nov": "novembre noviembre",
		"Dec": "dezember dez décembre déc diciembre dic dicembre dec",
	} {
		for _, name := range strings.Fields(names) {
			all[name] = english
		}
	}
	return all
}()

// inEnglish puts English short names for months of other languages: "15 März 2026" is "15 Mar 2026".
func inEnglish(text string) string {
	var kept []string
	for _, word := range strings.Fields(text) {
		lower := strings.ToLower(word)
		switch {
		case lower == "de" || lower == "del": // 15 de marzo de 2026
			continue
		case months[lower] != "":
			word = months[lower]
		}
		kept = append(kept, word)
	}
	return strings.Join(kept, " ")
}
