package messages

import (
	"strings"
	"unicode"
)

// tsquery asks for all words that were typed, each as a beginning.
func tsquery(typed string) string {
	words := strings.FieldsFunc(strings.ToLower(typed), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		words[i] = "'" + w + "':*"
	}
	return strings.Join(words, " & ")
}

func lower(text string) string { return strings.ToLower(text) }
