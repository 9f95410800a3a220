package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Words are what a text is found by: small letters and digits without accents, each word once, in order of appearance.
// What is stored and what is typed are both cut by it, so that they always meet.
func Words(texts ...string) []string {
	var words []string
	for _, text := range texts {
		for _, word := range strings.FieldsFunc(Fold(text), apart) {
			words = addWord(words, word)
		}
	}
	return words
}

// Phone are the words of a phone number: from each of its groups to the end, and the last four digits, so that it is
// found with and without the country, with and without blanks.
func Phone(number string) []string {
	groups := strings.FieldsFunc(number, func(r rune) bool { return r < '0' || r > '9' })
	var words []string
	for i := range groups {
		words = addWord(words, strings.Join(groups[i:], ""))
	}
	if all := strings.Join(groups, ""); len(all) > 4 {
		words = addWord(words, all[len(all)-4:])
	}
	return words
}

// Typed are the words of what somebody typed into a search field; at most five count.
func Typed(query string) []string {
	words := Words(query)
	return words[:min(len(words), 5)]
}

// Beginning gives the range of stored words that begin with word: from <= w < to.
func Beginning(word string) (from, to string) { return word, word + string(utf8.MaxRune) }

// longest keeps an entry of the index short; nobody types more.
const longest = 40

func addWord(words []string, word string) []string {
	if runes := []rune(word); len(runes) > longest {
		word = string(runes[:longest])
	}
	if word == "" || slices.Contains(words, word) {
		return words
	}
	return append(words, word)
}

func apart(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// Fold drops case and accents: "Nováková" is "novakova".
func Fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(strings.ToValidUTF8(text, ""))) {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
		case r == 'ø':
			b.WriteByte('o')
		case r == 'ł':
			b.WriteByte('l')
		case r == 'đ':
			b.WriteByte('d')
		case r == 'ß':
			b.WriteString("ss")
		case r == 'æ':
			b.WriteString("ae")
		case r == 'œ':
			b.WriteString("oe")
		case r == 'ı':
			b.WriteByte('i')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
