package modules_test

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"portico/platform/lang"
	"portico/platform/portaltest"
)

// TestThePortalIsSaidInTheReadersLanguage walks through the portal in a language of tests, in which every message stands in
// brackets: what stands outside them must be what people wrote, numbers, dates or names.
func TestThePortalIsSaidInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	site.Develop(t)
	if _, err := site.DB(t).Exec("update person set locale = ? where firm_id = ? and email = ?", lang.Accents, site.FirmID(), site.Person("ana").Email); err != nil {
		t.Fatal(err)
	}
	written := writtenByPeople(t, site)
	hard := map[string]string{}
	w := newWalk(t, site, "ana", func(address string, a portaltest.Answer) {
		if a.Status != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			return
		}
		doc, err := html.ParseWithOptions(bytes.NewReader(a.Body), html.ParseOptionEnableScripting(false))
		if err != nil {
			t.Errorf("%s: %v", address, err)
			return
		}
		for _, text := range readIn(doc) {
			if left := written.without(text); left != "" && hard[left] == "" {
				hard[left] = fmt.Sprintf("%s in %q", address, text)
			}
		}
	})
	w.once = true
	w.strict = false
	w.go1()
	for _, words := range slices.Sorted(mapsKeysOf(hard)) {
		t.Errorf("hard-coded: %q, %s", words, hard[words])
	}
	untranslated(t, site, written)
}

// doors are pages of clients to which no link leads from the portal: of mails, of payments under way, of doors.
var doors = []string{
	"auth/choose", "auth/code", "auth/confirm", "auth/link", "auth/mail_choice", "auth/second_factor", "auth/sent", "auth/sign_in", "auth/state", "auth/switch", "auth/welcome",
	"billing/autopay", "billing/link", "billing/link_over", "billing/method_removal", "billing/pay", "billing/portal_schedule", "billing/result", "billing/use",
	"envelopes/code", "envelopes/decline", "envelopes/guest", "envelopes/handover", "envelopes/shut", "envelopes/sign", "envelopes/verify",
	"messages/_typing", "selections/proposal", "selections/refusal", "selections/sign", "offline", "refused", "unavailable", "unknown_host", "error",
}

// ownNames are said as they are in every language: what languages call themselves, and the section of tests.
var ownNames = map[string]bool{"Español": true, "Français": true, "Deutsch": true, "Garden": true, "In your garden": true}

// untranslated wants each message of the portal in each language.
func untranslated(t *testing.T, site *portaltest.Site, written written) {
	t.Helper()
	pages := slices.DeleteFunc(site.Web.Views.Drawn(lang.Of(lang.Accents)), func(name string) bool { return strings.HasPrefix(name, "garden/") }) // a section of tests
	wanted, counted := site.Web.Views.Words(append(pages, doors...)...)
	for words, one := range lang.Asked() {
		if one != "" {
			counted[words] = one
		} else if !written.knows(words) && !ownNames[words] && !strings.Contains(words, lang.Opens) {
			wanted[words] = true
		}
	}
	inScripts, countedInScripts := site.Web.Assets.Said()
	maps.Copy(wanted, inScripts)
	maps.Copy(counted, countedInScripts)
	for words := range counted {
		wanted[words] = true
	}
	var missing []string
	for words := range wanted {
		if strings.IndexFunc(strings.NewReplacer("%s", "").Replace(words), unicode.IsLetter) < 0 {
			continue
		}
		for _, code := range lang.Codes()[1:] {
			one, other := lang.Forms(code, words)
			if other == "" || counted[words] != "" && one == "" {
				missing = append(missing, fmt.Sprintf("%s: %q, for one: %q", code, words, counted[words]))
			}
		}
	}
	slices.Sort(missing)
	for _, m := range missing {
		t.Errorf("no words in %s", m)
	}
}

func mapsKeysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// readIn lists what a person reads or hears on a page.
func readIn(n *html.Node) (texts []string) {
	switch {
	case n.Type == html.TextNode:
		if text := strings.TrimSpace(n.Data); text != "" {
			texts = append(texts, text)
		}
	case n.Type == html.ElementNode && (slices.Contains([]string{"script", "style", "code", "pre"}, n.Data) || isWrittenByPeople(n)):
		return nil
	case n.Type == html.ElementNode:
		for _, a := range n.Attr {
			if slices.Contains([]string{"aria-label", "title", "placeholder", "alt", "data-label", "data-none", "data-confirm"}, a.Key) && a.Val != "" {
				texts = append(texts, a.Val)
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		texts = append(texts, readIn(c)...)
	}
	return texts
}

// isWrittenByPeople tells what holds articles, initials, excerpts of messages and the names of time zones.
func isWrittenByPeople(n *html.Node) bool {
	for _, a := range n.Attr {
		if a.Key == "class" && slices.ContainsFunc(strings.Fields(a.Val), func(c string) bool {
			return c == "prose" || c == "avatar" || c == "excerpt" || c == "messages-excerpt" || c == "help-excerpt" || c == "help-teaser"
		}) || a.Key == "name" && a.Val == "zone" {
			return true
		}
	}
	return false
}

// written is what the people of a site wrote, for telling it from the program's words.
type written struct {
	whole map[string]bool
	long  string
}

func writtenByPeople(t *testing.T, site *portaltest.Site) written {
	t.Helper()
	var columns []struct{ Schema, Name, Column string }
	if err := site.DB(t).NewRaw(`
		select table_schema as schema, table_name as name, column_name as "column" from information_schema.columns
		where table_schema not in ('pg_catalog', 'information_schema') and data_type = 'text'
		and table_name not in ('mail', 'outbox', 'job') and not (table_name = 'activity' and column_name = 'text')`).Scan(t.Context(), &columns); err != nil {
		t.Fatal(err)
	}
	w := written{whole: map[string]bool{}}
	var long strings.Builder
	for _, c := range columns {
		var values []string
		if err := site.DB(t).NewRaw(fmt.Sprintf("select distinct %q from %q.%q where %q <> ''", c.Column, c.Schema, c.Name, c.Column)).Scan(t.Context(), &values); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			v = strings.Join(strings.Fields(v), " ")
			w.whole[strings.Trim(v, " ·:,.…")] = true
			for _, name := range strings.Fields(v)[:1] {
				if c.Column == "name" { // a person's first name
					w.whole[name] = true
				}
			}
			if len(v) > 30 {
				long.WriteString(v + "\n" + marks.Replace(v) + "\n")
			}
		}
	}
	w.long = long.String()
	return w
}

var marks = strings.NewReplacer("**", "", "*", "", " - ", " ", "## ", "", "# ", "") // of Markdown

var (
	said    = regexp.MustCompile(lang.Opens + `[^` + lang.Opens + lang.Closes + `]*` + lang.Closes)
	halves  = regexp.MustCompile(lang.Opens + `[^` + lang.Closes + `]*$|^[^` + lang.Opens + `]*` + lang.Closes)
	firms   = regexp.MustCompile(`^(Sales tax [0-9.]+%|[A-Z]{2} \d{5}|no\. \d+|[A-Z]{1,2}|We build|You choose)$`) // the demo's taxes, states, checks, initials
	aDate   = regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|January|February|March|April|June|July|August|September|October|November|December|AM|PM)\b`)
	cuts    = []*regexp.Regexp{regexp.MustCompile(`[“”]`), regexp.MustCompile(` · `), regexp.MustCompile(`[()|→]`), regexp.MustCompile(`: `), regexp.MustCompile(`, | – |/`)}
	sizes   = regexp.MustCompile(`\b(B|KB|MB|GB|USD|EUR|PDF|ZIP|CSV|JPG|JPEG|PNG|h|min|km)\b`)
	numbers = regexp.MustCompile(`\b[A-Z]{1,4}-[0-9-]+\b`)
)

// without takes out of a text what is a message, a number, a date, or was written by somebody; what is left are words that
// stand in the program.
func (w written) without(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for said.MatchString(text) {
		text = said.ReplaceAllString(text, "")
	}
	text = halves.ReplaceAllString(text, "") // a message with an element in it begins in one text and ends in another
	text = strings.NewReplacer(lang.Opens, "", lang.Closes, "").Replace(text)
	left := w.unknown(text, cuts)
	return strings.Join(left, " | ")
}

// unknown cuts a text at ever smaller signs, and gives the pieces that nobody wrote.
func (w written) unknown(text string, cuts []*regexp.Regexp) (left []string) {
	if text = strings.Trim(text, " ·:,.…"); w.knows(text) {
		return nil
	}
	if len(cuts) > 0 {
		for _, part := range cuts[0].Split(text, -1) {
			left = append(left, w.unknown(part, cuts[1:])...)
		}
		return left
	}
	for _, part := range []string{text} {
		if firms.MatchString(part) || strings.Contains(part, "@") || strings.HasPrefix(part, "http") {
			continue
		}
		part = sizes.ReplaceAllString(aDate.ReplaceAllString(numbers.ReplaceAllString(part, ""), ""), "")
		if strings.IndexFunc(part, unicode.IsLetter) >= 0 {
			left = append(left, part)
		}
	}
	return left
}

func (w written) knows(part string) bool {
	return part == "" || w.whole[part] || len(part) > 16 && strings.Contains(w.long, part)
}

// TestDaysAreWrittenInTheReadersLanguage: dates are no messages, so that the walk in the language of tests takes an English
// one for what a person wrote.
func TestDaysAreWrittenInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	site.Develop(t)
	if _, err := site.DB(t).Exec("update person set locale = 'de-DE' where firm_id = ? and email = ?", site.FirmID(), site.Person("ana").Email); err != nil {
		t.Fatal(err)
	}
	english := regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d|\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{1,2}, \d{4}`)
	pages := 0
	w := newWalk(t, site, "ana", func(address string, a portaltest.Answer) {
		if a.Status != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			return
		}
		pages++
		doc, err := html.ParseWithOptions(bytes.NewReader(a.Body), html.ParseOptionEnableScripting(false))
		if err != nil {
			t.Errorf("%s: %v", address, err)
			return
		}
		for _, text := range readIn(doc) {
			if english.MatchString(text) && !strings.Contains(address, "/envelopes/") { // what was filled in stands in the document as it was signed
				t.Errorf("%s: %q", address, text)
			}
		}
	})
	w.once = true
	w.strict = false
	w.go1()
	if pages < 30 {
		t.Errorf("only %d pages", pages)
	}
}
