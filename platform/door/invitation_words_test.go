package door

import (
	"strings"
	"testing"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/lang"
	"portico/platform/markdown"
	"portico/platform/module"
)

func TestOnlyWhatTheContactWillFindIsPromised(t *testing.T) {
	see := access.Client("ledger:see", "ledger")
	ledger := module.Module{ID: "ledger", PortalNav: []module.Nav{{Title: "Ledger", Who: see.With(access.ViewInvoices)}}}
	levels := func(change func(*access.Levels)) access.Levels {
		l := access.Levels{
			FirmOn: true, ClientOn: true, FirmSays: access.Switches{"ledger": true},
			Contact: &access.Contact{Portal: true, Rights: []access.Right{access.ViewInvoices}},
		}
		change(&l)
		return l
	}
	for what, c := range map[string]struct {
		want   bool
		change func(*access.Levels)
	}{
		"all is on":              {true, func(*access.Levels) {}},
		"off for the firm":       {false, func(l *access.Levels) { l.FirmSays = nil }},
		"off for the client":     {false, func(l *access.Levels) { l.ClientSays = access.Switches{"ledger": false} }},
		"off in all projects":    {false, func(l *access.Levels) { l.ProjectSays = []access.Switches{{"ledger": false}} }},
		"off in one of two":      {true, func(l *access.Levels) { l.ProjectSays = []access.Switches{{"ledger": false}, {}} }},
		"a contact without it":   {false, func(l *access.Levels) { l.Contact.Rights = nil }},
		"with another right":     {false, func(l *access.Levels) { l.Contact.Rights = []access.Right{access.SendMessages} }},
		"on for the client only": {true, func(l *access.Levels) { l.FirmSays, l.ClientSays = nil, access.Switches{"ledger": true} }},
	} {
		if got := reaches(levels(c.change), ledger); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}

func TestWordsOfAnInvitationWithoutASender(t *testing.T) {
	words := guest{Name: "Ana Rivera", ClientName: "Rivera", ProjectNames: []string{"A", "B", "C", "D"}}.words(lang.English, auth.Firm{Name: "Northgate"}, "", day.Day{}, "https://x")
	if words["sender"] != "Northgate" || words["from"] != "Northgate" || words["projects"] != "Rivera" || words["first_name"] != "Ana" {
		t.Errorf("%v", words)
	}
	said := invitationWords.Fill(invitationWords.Subject, invitationWords.Text, words)
	if strings.Contains(said.Markdown, "You will find there") || strings.Contains(said.Markdown, "{{") {
		t.Errorf("with no sections the mail says\n%s", said.Markdown)
	}
	for _, f := range invitationWords.Fields {
		if _, there := words[f.Name]; !there {
			t.Errorf("{{%s}} becomes nothing", f.Name)
		}
	}
}

// TestANoteMayHaveStars: what staff mark as strong is strong, and nothing else in a note is more than words.
func TestANoteMayHaveStars(t *testing.T) {
	words := guest{Name: "Ana Rivera", ClientName: "Rivera"}.words(lang.English, auth.Firm{Name: "Northgate"}, "We start on **Monday**, _early_!\n# <b>big</b> [here](https://evil.example) 2 * 3", day.Day{}, "https://x")
	said := invitationWords.Fill(invitationWords.Subject, invitationWords.Text, words)
	html, text := string(markdown.Mail(said.Markdown)), markdown.Plain(said.Markdown)
	if !strings.Contains(html, "<strong>Monday</strong>") || !strings.Contains(html, "<em>early</em>") {
		t.Errorf("the mail says\n%s", html)
	}
	if strings.Contains(html, "<b>") || strings.Contains(html, "href") || strings.Count(html, "<h") != 1 {
		t.Errorf("a note is more than words:\n%s", html)
	}
	if !strings.Contains(text, "We start on Monday, early!") || !strings.Contains(text, "2 * 3") {
		t.Errorf("as plain text it says\n%s", text)
	}
}
