package view

import (
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portico/platform/day"
	"portico/platform/lang"
)

// Funcs are what every template may call; `asset` and `icon` come from Assets.
func Funcs() template.FuncMap {
	return template.FuncMap{
		"args": args, "list": func(items ...any) []any { return items },
		"json": toJSON, "join": func(sep string, parts []string) string { return strings.Join(parts, sep) },
		"day": lang.English.Day, "instant": lang.English.Instant, "clock": lang.English.Clock, "iso": ISO,
		"initials": Initials, "plural": lang.English.Plural, "say": lang.English.Words, "words": func(words string) string { return words }, "add": func(a, b int) int { return a + b },
	}
}

// args makes the data of a fragment: args "Label" "Name" "Value" .Name.
func args(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("args: want pairs")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("args: %v is not a name", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}

func toJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

// Day and Plural are those of English, for pages of the office.
func Day(v any) string                      { return lang.English.Day(v) }
func Plural(n int, one, many string) string { return lang.English.Plural(n, one, many) }

// ISO writes what a <time datetime> wants.
func ISO(v any) string {
	if d, ok := v.(day.Day); ok {
		return d.String()
	}
	t := lang.Moment(v)
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Initials of "Ana Rivera" are "AR".
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' })
	switch len(words) {
	case 0:
		return "?"
	case 1:
		return first(words[0])
	}
	return first(words[0]) + first(words[len(words)-1])
}

func first(word string) string {
	r, _ := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r))
}
