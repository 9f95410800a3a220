package transfer

import (
	"regexp"
	"strings"

	"portico/platform/module"
)

var (
	totalWord  = regexp.MustCompile(`(?i)^(grand[ -]?|sub[ -]?)?(totals?|summe|gesamt(summe|betrag)?|total général|totale)\b[\s:=]*[\p{Sc}\d.,'’ −-]*$`)
	onlyDigits = regexp.MustCompile(`^[\p{Sc}\d.,'’ %()+−-]+$`)
)

// refuseTotals keeps the line of sums that many programs write below their records from becoming a client of that name.
func refuseTotals(r *module.Record) {
	if len(r.Rows) != 1 || r.Refused() {
		return
	}
	word := ""
	for _, value := range r.Rows[0].Values {
		switch value = strings.TrimSpace(value); {
		case totalWord.MatchString(value):
			word = value
		case value != "" && !onlyDigits.MatchString(value):
			return
		}
	}
	if word != "" {
		r.Refuse(r.Rows[0].Number, "", "This is a line of totals, not a record.", word)
	}
}
