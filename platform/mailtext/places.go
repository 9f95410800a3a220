package mailtext

import (
	"regexp"
	"strings"
)

var place = regexp.MustCompile(`\{\{\s*([a-z][a-z0-9_]*)\s*\}\}`)

func replace(text string, value func(name string) string) string {
	return place.ReplaceAllStringFunc(text, func(found string) string {
		return value(place.FindStringSubmatch(found)[1])
	})
}

var single = regexp.MustCompile(`\{\s*([a-z][a-z0-9_]*)\s*\}`)

// broken says what is wrong with the placeholders of a text; "" if nothing is.
func (k Kind) broken(text string, subject bool) string {
	for _, found := range place.FindAllStringSubmatch(text, -1) {
		f, known := k.field(found[1])
		switch {
		case !known:
			return "There is no placeholder {{" + found[1] + "}} in this mail." + k.meant(found[1])
		case subject && f.Lines:
			return "{{" + f.Name + "}} may have several lines, so it cannot stand in the subject."
		}
	}
	rest := place.ReplaceAllString(text, "")
	for _, found := range single.FindAllStringSubmatch(rest, -1) {
		if _, known := k.field(found[1]); known {
			return "Write {{" + found[1] + "}}, with two braces on each side."
		}
	}
	if at := strings.Index(rest, "{{"); at >= 0 {
		return "“" + around(rest[at:]) + "” is no placeholder. Write its name in small letters and close it, such as {{" + k.Fields[0].Name + "}}."
	}
	if strings.Contains(rest, "}}") {
		return "“}}” closes a placeholder that was not begun. Write it whole, such as {{" + k.Fields[0].Name + "}}."
	}
	return ""
}

// around is the beginning of what is broken: enough to find it.
func around(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if end := strings.Index(text, "}}"); end >= 0 {
		text = text[:end+2]
	}
	if runes := []rune(text); len(runes) > 30 {
		return string(runes[:30]) + "…"
	}
	return text
}

// meant names the placeholder that was probably meant.
func (k Kind) meant(typed string) string {
	best, least := "", 3
	for _, f := range k.Fields {
		if d := distance(typed, f.Name); d < least {
			best, least = f.Name, d
		}
	}
	if best == "" {
		return ""
	}
	return " Did you mean {{" + best + "}}?"
}

// distance is how many letters must be changed, added or left out.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
