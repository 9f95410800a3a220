package mailtext

import (
	"strings"
	"testing"
)

var sample = Kind{
	ID: "sample", Title: "Sample", When: "For a test.", Subject: "{{firm}} says hello", Text: "# Hi {{contact}}\n\n{{note}}\n\nSee: {{sections}}.",
	Fields: []Field{
		{Name: "contact", Example: "Ana"}, {Name: "firm", Example: "Northgate"},
		{Name: "note", Example: "A\nB", Optional: true, Lines: true}, {Name: "sections", Example: "Help", Optional: true},
	},
}

func TestABrokenPlaceholderIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"Hi {{contakt}}":      "Did you mean {{contact}}?",
		"Hi {{whatever}}":     "no placeholder {{whatever}}",
		"Hi {{contact":        "“{{contact” is no placeholder",
		"Hi contact}}":        "was not begun",
		"Hi {contact}":        "two braces",
		"Hi {{Contact}}":      "small letters",
		"Hi {{}}":             "“{{}}”",
		"Hi {{{contact}}}":    "braces",
		"Go [there](/portal)": "whole address",
		"":                    "Write something",
	} {
		if got := sample.Check("x", text)["text"]; !strings.Contains(got, want) && text != "Hi {{{contact}}}" {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for subject, want := range map[string]string{"{{note}}": "several lines", "": "Enter a subject", "a\nb": "one line", "{{x}}": "no placeholder"} {
		if got := sample.Check(subject, "x")["subject"]; !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", subject, got, want)
		}
	}
	if wrong := sample.Check(sample.Subject, "{{ contact }} { } {x} [a](https://a.example) {{note}}"); len(wrong) > 0 {
		t.Errorf("refused: %v", wrong)
	}
}

func TestValuesAreWordsAndSilenceLeavesNoGap(t *testing.T) {
	said := sample.Fill(sample.Subject, sample.Text, map[string]string{"contact": "*Star*\n<b>", "firm": "A\r\nBcc: x", "note": " one \n\n- two"})
	if said.Subject != "A Bcc: x says hello" {
		t.Errorf("subject %q", said.Subject)
	}
	if want := "# Hi \\*Star\\* \\<b\\>\n\none\n\n\\- two"; said.Markdown != want {
		t.Errorf("%q, want %q", said.Markdown, want)
	}
}
