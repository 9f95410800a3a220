// Package lang speaks the reader's language. A message is known by its English words, so that code and templates read as
// what a person reads, and English is complete by itself; the other languages are files of messages beside this one.
package lang

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"portico/platform/day"
	"portico/platform/money"
)

// Sense stands between words and the sense in which they are meant, where English has one word for two things that are
// two words elsewhere: "Open¦state" is said "Open". It counts only where something is said by a Reader.
const Sense = "¦"

// Text is a message that is said later, when its reader is known: the name of a state, the title of a section.
type Text string

// T marks words of the program as a message, where a Text is made.
func T(words string) Text { return Text(words) }

// String is the message in English.
func (t Text) String() string { return English.Say(string(t)) }

// Message is a Text with arguments.
type Message struct {
	words, one string
	args       []any
}

// M makes a message whose reader is known later; its words are as in Say.
func M(words string, args ...any) Message { return Message{words: words, args: args} }

// N makes one of a number of things, as Count does.
func N(n int, one, many string) Message { return Message{many, one, []any{n}} }

// String is the message in English.
func (m Message) String() string { return English.said(m) }

// Reader is one language, and how its readers write numbers. Its zero value is not usable: see Of and English.
type Reader struct {
	Code    string // of the document: "en", "de"
	Dir     string // ltr, rtl
	locale  string // BCP 47, of numbers and money
	words   words
	tag     language.Tag
	printer *message.Printer
	odd     func(string) string // of a language for tests, what it makes of every message
}

// IsEnglish reports whether messages are said as they are written.
func (r *Reader) IsEnglish() bool { return r.words == nil && r.odd == nil }

// IsTest reports whether it is a language of tests.
func (r *Reader) IsTest() bool { return r.odd != nil }

// Locale is how the reader writes numbers and money.
func (r *Reader) Locale() string { return r.locale }

// Say gives a message in the reader's language. Its words are English, with a %s for each argument (%[2]s where another
// order reads better). Days, times, amounts, numbers and texts are written as the reader does.
func (r *Reader) Say(words string, args ...any) string {
	r.note(words, "")
	said, _ := r.find(words)
	return r.fill(said, args)
}

// Count is Say for a number of things: one is the message for 1, many for the others; n is the first argument.
func (r *Reader) Count(n int, one, many string, args ...any) string {
	return r.fill(r.Plural(n, one, many), append([]any{n}, args...))
}

// List is "Billing, Documents and Messages".
func (r *Reader) List(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return r.Say("%s and %s", strings.Join(words[:len(words)-1], ", "), words[len(words)-1])
}

// Plural picks the words for a number of things: Plural(2, "client", "clients").
func (r *Reader) Plural(n int, one, many string) string {
	r.note(many, one)
	m, known := r.words[many]
	switch {
	case r.odd != nil && n == 1:
		return r.odd(one)
	case r.odd != nil:
		return r.odd(many)
	case known && m.one != "" && plural.Cardinal.MatchPlural(r.tag, n, 0, 0, 0, 0) == plural.One:
		return m.one
	case known:
		return m.other
	case n == 1:
		return one
	}
	return many
}

// Look gives the translation of words that are a message or are not: known is false for what is not.
func (r *Reader) Look(words string) (said string, known bool) { return r.find(words) }

func (r *Reader) find(words string) (string, bool) {
	if words == "" {
		return "", true
	}
	if r.odd != nil {
		return r.odd(words), true
	}
	if m, ok := r.words[words]; ok {
		return m.other, true
	}
	plain, _, _ := strings.Cut(words, Sense)
	return plain, r.IsEnglish()
}

func (r *Reader) fill(said string, args []any) string {
	if len(args) == 0 {
		return said
	}
	given := make([]any, len(args))
	for i, arg := range args {
		given[i] = r.Value(arg)
	}
	return fmt.Sprintf(said, given...)
}

// Value writes an argument as the reader does.
func (r *Reader) Value(arg any) any {
	switch arg := arg.(type) {
	case Text:
		return r.Say(string(arg))
	case Message:
		return r.said(arg)
	case money.Amount:
		return arg.Format(r.locale)
	case Date:
		return r.Date(arg.At, arg.Layout)
	case time.Time, day.Day, *time.Time:
		return r.Day(arg)
	case int, int64, int32, uint64, uint32, uint:
		return r.printer.Sprintf("%d", arg)
	}
	return arg
}

func (r *Reader) said(m Message) string {
	if m.one != "" {
		return r.Count(m.args[0].(int), m.one, m.words)
	}
	return r.Say(m.words, m.args...)
}

// Words is what a template prints: a Text in the reader's language, anything else as it is.
func (r *Reader) Words(v any) any {
	switch v := v.(type) {
	case Text:
		return r.Say(string(v))
	case Message:
		return r.said(v)
	case Date:
		return r.Date(v.At, v.Layout)
	case fmt.Stringer, string, nil, error:
		return v
	}
	if value := reflect.ValueOf(v); value.Type() == reflect.TypeFor[*Text]() && !value.IsNil() {
		return r.Say(string(*v.(*Text)))
	}
	return v
}

// English is how the program is written.
var English = &Reader{Code: "en", Dir: "ltr", locale: "en-US", tag: language.English, printer: message.NewPrinter(language.AmericanEnglish)}

// Of is the reader of a locale ("de-AT"): its language, or English where the program does not speak it; numbers are the
// locale's own, as far as it is one of those that countries are written in.
func Of(locale string) *Reader {
	if locale == "" || locale == English.locale {
		return English
	}
	if known, ok := readers.Load(locale); ok {
		return known.(*Reader)
	}
	if kept := narrow(locale); kept != locale {
		return Of(kept)
	}
	made := readerOf(locale)
	if _, err := language.Parse(locale); err == nil && len(locale) <= 20 { // kept: there are few that make sense
		kept, _ := readers.LoadOrStore(locale, made) // two who ask at once get the same
		return kept.(*Reader)
	}
	return made
}

// Shared is who reads what several people read: the first of them where all have one language, else whoever reads English
// at the firm. Somebody without a locale of their own has the firm's, and so has nobody.
func Shared(firm string, locales ...string) *Reader {
	first := Of(firm)
	for n, locale := range locales {
		one := Of(cmp.Or(locale, firm))
		if n == 0 {
			first = one
		}
		if one.Code != first.Code {
			if first = Of(firm); first.Code != English.Code {
				first = English
			}
			break
		}
	}
	return first
}

// Accepted is the reader of a browser's Accept-Language, for somebody who has not said who it is; the locale of the firm
// counts where the browser says nothing that we speak. Numbers are those of the firm's country: a stranger chooses among
// a few languages, not among all the locales that can be thought up, for each of which templates would be kept.
func Accepted(header, firm string) *Reader {
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err == nil {
		for _, tag := range wanted {
			base, _ := tag.Base()
			if slices.Contains(Codes(), base.String()) {
				_, country, _ := strings.Cut(firm, "-")
				return Of(base.String() + "-" + country)
			}
		}
	}
	return Of(firm)
}

// countries are those of which we know how a language is written there; the first stands for all others.
var countries = map[string][]string{
	"en": {"US", "GB", "CA", "AU", "NZ", "IE"}, "es": {"ES", "MX", "US"}, "fr": {"FR", "CA", "CH"}, "de": {"DE", "AT", "CH"},
}

// narrow brings a locale of a language that we speak to one that we know; others stay.
func narrow(locale string) string {
	code, country, _ := strings.Cut(locale, "-")
	known := countries[code]
	if known == nil || slices.Contains(known, country) || locale == Accents {
		return locale
	}
	return code + "-" + known[0]
}

// Codes are the languages that the program speaks; English is the first.
func Codes() []string { return []string{"en", "es", "fr", "de"} }

// Name is what a language calls itself.
func Name(code string) string {
	return map[string]string{"en": "English", "es": "Español", "fr": "Français", "de": "Deutsch"}[code]
}

func readerOf(locale string) *Reader {
	code, _, _ := strings.Cut(locale, "-")
	tag, err := language.Parse(locale)
	if err != nil {
		return English
	}
	r := &Reader{Code: "en", Dir: "ltr", locale: locale, tag: tag, printer: message.NewPrinter(tag)}
	switch {
	case locale == Accents, locale == Mirrored:
		return odd(locale)
	case code != "en" && slices.Contains(Codes(), code):
		r.Code, r.words = code, catalogs()[code]
	}
	return r
}
