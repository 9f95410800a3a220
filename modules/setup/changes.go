package setup

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"portico/platform/activity"
)

// change is one field that somebody changed, in words.
type change struct{ Label, Before, After string }

// happening is an entry of the activity log as a person reads it.
type happening struct {
	At       time.Time
	Who      string
	Behalf   string // for whom a contact acted
	From     string // browser and address
	Text     string
	Href     string
	Changes  []change
	Internal bool // by the program
}

// Few changes are read at once.
func (h happening) Few() bool { return len(h.Changes) <= 3 }

func happeningOf(e activity.Entry, titles map[string]string) happening {
	h := happening{At: e.At, Who: e.ActorName, Text: e.Text, Behalf: e.Behalf, From: origin(e), Changes: changesOf(e.Data, titles)}
	if h.Who == "" {
		h.Who, h.Internal = "Portico", true
	}
	return h
}

// changesOf reads before and after of an entry, whoever wrote it.
func changesOf(data map[string]any, titles map[string]string) []change {
	was, _ := data["before"].(map[string]any)
	is, _ := data["after"].(map[string]any)
	names := map[string]bool{}
	for name := range was {
		names[name] = true
	}
	for name := range is {
		names[name] = true
	}
	var all []change
	for _, name := range slices.Sorted(maps.Keys(names)) {
		all = append(all, change{labelOf(name, titles), wordsOf(was[name]), wordsOf(is[name])})
	}
	return all
}

// labels are the fields whose stored names are not the words of the screens.
var labels = map[string]string{
	"portal_on": "Portal", "uploads_on": "Uploads by the client", "links_last": "Links work again for 7 days",
	"auto_activate": "The first document for signature opens a client's portal",
	"second_factor": "Second factor asked of", "brand_color": "Color", "logo": "Logo", "photo": "Photo",
	"single_sign_on": "Single sign-on", "must_factor": "Second factor asked of this person",
	"show_photo": "Clients see the photo", "show_email": "Clients see the email", "show_phone": "Clients see the phone",
}

func labelOf(name string, titles map[string]string) string {
	if title := titles[name]; title != "" {
		return title
	}
	if label := labels[name]; label != "" {
		return label
	}
	if project, ok := strings.CutPrefix(name, "shared: "); ok {
		return project
	}
	words := strings.ReplaceAll(strings.ReplaceAll(name, "_", " "), "/", ": ")
	if words == "" {
		return name
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

const longWords = 200

func wordsOf(value any) string {
	text := ""
	switch v := value.(type) {
	case nil:
		return "nothing"
	case bool:
		if v {
			return "on"
		}
		return "off"
	case string:
		text = v
	case []string:
		text = strings.Join(v, ", ")
	case []any:
		var parts []string
		for _, part := range v {
			parts = append(parts, wordsOf(part))
		}
		text = strings.Join(parts, ", ")
	case map[string]any:
		body, _ := json.Marshal(v)
		text = string(body)
	default:
		text = fmt.Sprint(v)
	}
	if text == "" {
		return "nothing"
	}
	if runes := []rune(text); len(runes) > longWords {
		text = string(runes[:longWords-1]) + "…"
	}
	return text
}

// meanwhile is what others changed since a page was drawn, the newest first; recent are the latest entries about the
// same thing, whoever wrote them, and since is when the last one was that the page could know of.
func meanwhile(recent []activity.Entry, since time.Time, titles map[string]string) []happening {
	var others []happening
	for _, e := range recent {
		if e.At.After(since) {
			others = append(others, happeningOf(e, titles))
		}
	}
	return others
}

// latest is when the newest of the entries happened, for a page to remember.
func latest(recent []activity.Entry) string {
	if len(recent) == 0 {
		return stamp(time.Unix(0, 0))
	}
	return stamp(recent[0].At)
}

// newest is what the page remembers after its reader was told of the others' changes.
func newest(others []happening, before string) string {
	if len(others) == 0 {
		return before
	}
	return stamp(others[0].At)
}

// diff gives before and after of the fields that differ.
func diff(before, after map[string]any) (was, is map[string]any) {
	was, is = map[string]any{}, map[string]any{}
	for name, value := range after {
		if fmt.Sprint(before[name]) != fmt.Sprint(value) {
			was[name], is[name] = before[name], value
		}
	}
	return was, is
}
