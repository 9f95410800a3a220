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
)

// Funcs are what every template may call; `asset` and `icon` come from Assets.
func Funcs() template.FuncMap {
	return template.FuncMap{
		"args": args, "list": func(items ...any) []any { return items },
		"json": toJSON, "join": func(sep string, parts []string) string { return strings.Join(parts, sep) },
		"day": Day, "instant": Instant, "clock": Clock, "iso": ISO,
		"initials": Initials, "plural": Plural, "add": func(a, b int) int { return a + b },
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

// Day writes a day or instant as "Thu, Dec 3, 2026"; nothing for no date. An instant must be in the reader's zone.
func Day(v any) string {
	t := instant(v)
	if t.IsZero() {
		return ""
	}
	return t.Format("Mon, Jan 2, 2006")
}

// Instant writes "Thu, Dec 3, 2026, 4:05 PM"; the instant must be in the reader's zone.
func Instant(v any) string {
	t := instant(v)
	if t.IsZero() {
		return ""
	}
	return t.Format("Mon, Jan 2, 2006, 3:04 PM")
}

// Clock writes "4:05 PM".
func Clock(v any) string {
	t := instant(v)
	if t.IsZero() {
		return ""
	}
	return t.Format("3:04 PM")
}

// ISO writes what a <time datetime> wants.
func ISO(v any) string {
	if d, ok := v.(day.Day); ok {
		return d.String()
	}
	t := instant(v)
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func instant(v any) time.Time {
	switch v := v.(type) {
	case time.Time:
		return v
	case *time.Time:
		if v != nil {
			return *v
		}
	case day.Day:
		return v.Midnight()
	}
	return time.Time{}
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

// Plural picks the word for a count: plural 2 "client" "clients".
func Plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
