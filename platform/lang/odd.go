package lang

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Locales of no country, for tests: every message stands in brackets and in letters that nobody writes by hand, so that
// what is not a message is seen at once. Mirrored is also read from right to left.
const (
	Accents  = "en-XA"
	Mirrored = "ar-XB"
)

// The brackets around each message.
const (
	Opens  = "⟦"
	Closes = "⟧"
)

func odd(locale string) *Reader {
	r := &Reader{Code: locale, Dir: "ltr", locale: "en-US", tag: language.English, printer: message.NewPrinter(language.AmericanEnglish), odd: bracket}
	if locale == Mirrored {
		r.Code, r.Dir = "ar", "rtl"
	}
	return r
}

var accents = strings.NewReplacer("a", "á", "e", "é", "i", "í", "o", "ö", "u", "ü", "c", "ç", "y", "ý", "A", "Å", "E", "É", "I", "Í", "O", "Ö", "U", "Ü", "S", "Š")

// bracket writes a message with accents; what stands for an argument stays.
func bracket(words string) string {
	var b strings.Builder
	words, _, _ = strings.Cut(words, Sense)
	b.WriteString(Opens)
	for {
		text, verb, found := cutVerb(words)
		b.WriteString(accents.Replace(text))
		b.WriteString(verb)
		if !found {
			break
		}
		words = words[len(text)+len(verb):]
	}
	b.WriteString(Closes)
	return b.String()
}

// cutVerb finds the first %s, %d, %[2]s, %% or {place}.
func cutVerb(words string) (before, verb string, found bool) {
	at := strings.IndexAny(words, "%{")
	if at < 0 {
		return words, "", false
	}
	end := at + 1
	if words[at] == '{' {
		for end < len(words) && words[end] != '}' {
			end++
		}
		return words[:at], words[at:min(end+1, len(words))], true
	}
	if end < len(words) && words[end] == '[' {
		for end < len(words) && words[end] != ']' {
			end++
		}
		end++
	}
	return words[:at], words[at:min(end+1, len(words))], true
}

// asked are the messages that were said in a language of tests, with their words for one where they are counted.
var asked sync.Map

func (r *Reader) note(words, one string) {
	if r.odd != nil && words != "" {
		asked.Store(words, one)
	}
}

// Asked lists them, for a test that wants a translation of each.
func Asked() map[string]string {
	all := map[string]string{}
	asked.Range(func(words, one any) bool {
		all[words.(string)] = one.(string)
		return true
	})
	return all
}
