package dailylogs

import "strings"

// Told is what clients read of a log, fixed when it is submitted: nothing that is for staff only goes in.
type Told struct {
	Text    string   `json:"text,omitempty"`
	Weather Weather  `json:"weather"`
	People  []string `json:"people,omitempty"` // shown where that area is on
	Answers []Said   `json:"answers,omitempty"`
}

// Said is one answer as clients read it.
type Said struct {
	Asked string `json:"asked"`
	Text  string `json:"text"`
}

// Kept is a log as it was submitted, whole, for the firm's records.
type Kept struct {
	Text       string    `json:"text"`
	TextShown  bool      `json:"text_shown"`
	ClientText string    `json:"client_text"`
	Notes      string    `json:"notes"`
	Weather    Weather   `json:"weather"`
	People     []Present `json:"people"`
	Answers    []Answer  `json:"answers"`
}

// tell decides what clients read: only what is meant for them, in the words meant for them.
func tell(l Log, people []Present, answers []Answer) Told {
	t := Told{Weather: l.Weather}
	t.Weather.WeatherFrom = ""
	if l.TextShown {
		t.Text = clientWords(l.Text, l.ClientText)
	}
	for _, p := range people {
		t.People = append(t.People, p.Text())
	}
	for _, a := range answers {
		if text := clientWords(a.Text, a.ClientText); a.Shown && a.Category != "internal" && text != "" {
			t.Answers = append(t.Answers, Said{a.Asked, text})
		}
	}
	return t
}

// clientWords replaces what the author wrote by what clients are to read, where somebody has written that.
func clientWords(text, forClient string) string {
	if strings.TrimSpace(forClient) != "" {
		return forClient
	}
	return text
}

// words are what clients find a log by.
func (t Told) words() string {
	parts := []string{t.Text, t.Weather.WeatherNote}
	for _, a := range t.Answers {
		parts = append(parts, a.Asked, a.Text)
	}
	return strings.Join(parts, "\n")
}

// words are what staff find a log by.
func (k Kept) words() string {
	parts := []string{k.Text, k.ClientText, k.Notes, k.Weather.WeatherNote}
	for _, p := range k.People {
		parts = append(parts, p.Name)
	}
	for _, a := range k.Answers {
		parts = append(parts, a.Asked, a.Text, a.ClientText)
	}
	return strings.Join(parts, "\n")
}
