package help

import (
	"strings"
	"testing"
)

func TestSlugsAreShortAndReadable(t *testing.T) {
	for title, want := range map[string]string{
		"What happens next, step by step": "what-happens-next-step-by-step",
		"Ärger & Zölle: 100 %?":           "arger-zolle-100",
		"???":                             "article",
		"Как платить":                     "как-платить",
		strings.Repeat("longword ", 12):   "longword-longword-longword-longword-longword-longword",
		strings.Repeat("x", 200):          strings.Repeat("x", 60),
		"a/b?c#d <script>":                "a-b-c-d-script",
	} {
		if got := slugOf(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}

func TestGroupsKeepTheirOrder(t *testing.T) {
	groups := grouped([]Article{
		{Title: "a", Kind: Page, Section: "Money"}, {Title: "b", Kind: FAQ}, {Title: "c", Kind: Page}, {Title: "d", Kind: Process},
		{Title: "e", Kind: Page, Section: "Money"}, {Title: "f", Kind: FAQ, Section: "Money"},
	})
	var told []string
	for _, g := range groups {
		line := g.Title + ":"
		for _, a := range g.Articles {
			line += a.Title
		}
		told = append(told, line)
	}
	if got := strings.Join(told, " | "); got != "What happens next:d | Questions and answers:bf | Money:ae | More:c" {
		t.Error(got)
	}
}

func TestExcerptsEndWithAWord(t *testing.T) {
	if got := excerpt("We bill in five parts, each of them small", 24); got != "We bill in five parts…" {
		t.Errorf("%q", got)
	}
	if got := excerpt("short", 24); got != "short" {
		t.Errorf("%q", got)
	}
}

func TestWhatAnArticleLacks(t *testing.T) {
	good := articleForm{Kind: Page, Audience: ForAll, Title: " A  title ", Body: "text"}
	if wrong := good.Check(); len(wrong) != 0 || good.Title != "A title" {
		t.Error(wrong, good)
	}
	for field, spoil := range map[string]func(*articleForm){
		"kind": func(f *articleForm) { f.Kind = "poem" }, "audience": func(f *articleForm) { f.Audience = "friends" },
		"title": func(f *articleForm) { f.Title = strings.Repeat("t", 161) }, "section": func(f *articleForm) { f.Section = strings.Repeat("s", 61) },
		"body": func(f *articleForm) { f.Body = " \n " },
	} {
		bad := good
		spoil(&bad)
		if wrong := bad.Check(); len(wrong) != 1 || wrong[field] == "" {
			t.Errorf("%s: %v", field, wrong)
		}
	}
}
