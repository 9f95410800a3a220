package portaltest

import "strings"

// Between are the texts between two marks.
func Between(text, from, to string) (all []string) {
	for {
		_, rest, ok := strings.Cut(text, from)
		if !ok {
			return all
		}
		inside, after, ok := strings.Cut(rest, to)
		if !ok {
			return all
		}
		all, text = append(all, inside), after
	}
}
