package selections_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"portico/modules/selections"
	"portico/platform/portaltest"
)

// TestASpecificationIsReadAndNothingElse: staff say what is built in, the client reads it, has nothing to decide about it,
// is not counted as owing a choice, and reads none of its money; not where the book is open either.
func TestASpecificationIsReadAndNothingElse(t *testing.T) {
	site := portaltest.Open(t, selections.Module)
	project := ask(t, site, "select id::text from project where key = 'maple-street'")
	ana := site.As("ana").For(t)
	todo := func() string {
		return ask(t, site, "select count(*)::text from selections.selection where kind = 'selection' and state in ('released', 'selected')")
	}
	before, waits, gallery := todo(), waiting(ana), counted(t, ana, "To do")

	ben := site.As("ben").For(t)
	ben.Open("/office/selections/projects/"+project).Follow("New selection").Tick("A specification").Fill("Title", "Insulation").
		Fill("or a new room", "Attic").Fill("Choose by", site.Now().AddDate(0, 0, 3).Format("2006-01-02")).
		Tick("Optional: the client may leave it out").Tick("The client may decline all choices").Tick("The client may propose other choices").
		Fill("Specification", "Mineral wool, twelve inches").Fill("For trades", "TRADE-ONLY").Fill("Internal notes", "STAFF-ONLY").
		Press("Save as a draft").Has(t, 200).Sees(t, "Insulation", "Draft")
	insulation := called(t, site, "Insulation")
	page := "/portal/all/selections/" + insulation
	for _, made := range [][2]string{{"Rock wool, 12 inches", "7654"}, {"Vapour barrier", "1234"}} {
		ben.Open("/office/selections/"+insulation).Follow("New choice").Fill("Name", made[0]).Fill("Cost", made[1]).Fill("Markup", "10").Fill("Vendor", "SECRETVENDOR").Press("Save choice").Has(t, 200)
	}
	if a := ana.Get(page); a.Status != 404 {
		t.Errorf("a draft answers %d", a.Status)
	}
	mails := len(site.Mails())
	ben.Open("/office/selections/"+insulation).Press("Show to the client").Sees(t, "The client reads it since").SeesNot(t, "Approve for the client", "Remind")

	// what the client reads
	for _, book := range []string{"Price only", "Cost and markup of every choice"} {
		openBook(t, site, project, book)
		ana.Open(page).Sees(t, "What is built in", "Rock wool, 12 inches", "Vapour barrier", "Mineral wool, twelve inches", "Part of your contract", "There is nothing to choose here").
			SeesNot(t, "$", "7,654", "8,419.40", "1,234", "Markup", "SECRETVENDOR", "TRADE-ONLY", "STAFF-ONLY",
				"Choose this", "Compare", "Take back", "Approve", "None of these", "We do not want this", "Propose", "Please decide by", "Ask for a change")
		ana.Open("/portal/all/selections").Sees(t, "Insulation", "Fixed")
		if tile := strings.Join(portaltest.Between(ana.Body(), page, "</a>"), " "); tile == "" || strings.Contains(tile, "$") {
			t.Errorf("with %q the gallery says %q of it", book, tile)
		}
	}
	for _, show := range []string{"todo", "soon", "chosen", "approved"} {
		ana.Open("/portal/all/selections?show="+show).SeesNot(t, "Insulation")
	}

	// what it does not owe
	if n := todo(); n != before {
		t.Errorf("%s wait for a choice, not %s", n, before)
	}
	if n := counted(t, ana.Open("/portal/all/selections"), "To do"); n != gallery {
		t.Errorf("the gallery counts %d to do, not %d", n, gallery)
	}
	if got := waiting(ana); got != waits || strings.Contains(got, "Insulation") {
		t.Errorf("what waits for the client became\n%s\nfrom\n%s", got, waits)
	}
	for _, m := range site.Mails()[mails:] {
		if strings.Contains(m.Text, "SECRETVENDOR") || strings.Contains(m.Text, "7,654") {
			t.Errorf("the mail %q: %s", m.Subject, m.Text)
		}
	}

	nobodyDecides(t, site, ana, ben, insulation)
}

// nobodyDecides: what no page offers, no address takes, from neither side.
func nobodyDecides(t *testing.T, site *portaltest.Site, ana, ben *portaltest.Browser, insulation string) {
	t.Helper()
	page := "/portal/all/selections/" + insulation
	choice := ask(t, site, "select id::text from selections.choice where title = 'Vapour barrier'")
	state := func() string {
		return ask(t, site, `select state || ' ' || (select count(*) from selections.pick p where p.selection_id = s.id) || ' ' || (select count(*) from selections.decision d where d.selection_id = s.id)
			|| ' ' || (select count(*) from selections.choice c where c.selection_id = s.id) || ' ' || (select count(*) from selections.change where voided_at is null)
			from selections.selection s where s.title = 'Insulation'`)
	}
	was := state()
	for path, form := range map[string]url.Values{
		"/picks":     {"choice": {choice}},
		"/approval":  {"signature": {"Ana Rivera"}, "sure": {"true"}},
		"/refusal":   {"reason": {"No"}, "skip": {"true"}},
		"/requests":  {"reason": {"Another one"}},
		"/proposals": {"title": {"Hemp"}},
	} {
		ana.Post(page+path, form)
		if is := state(); is != was {
			t.Errorf("%s made %q of %q", path, is, was)
		}
	}
	for _, path := range []string{"/approval", "/refusal", "/proposals/new"} {
		if a := ana.Get(page + path); a.Status == 200 {
			t.Errorf("the client gets %s", path)
		}
	}
	form := url.Values{"choice": {choice}, "contact": {ask(t, site, "select id::text from contact where email = ?", site.Person("ana").Email)}, "way": {"phone"}, "note": {"Said so"}}
	ben.Post("/office/selections/"+insulation+"/approval", form)
	if is := state(); is != was {
		t.Errorf("staff made %q of %q", is, was)
	}
	if n := ask(t, site, "select reminders::text from selections.selection where title = 'Insulation'"); n != "0" {
		t.Errorf("it was reminded of %s times", n)
	}
}

// openBook says what clients of a project read beside the price.
func openBook(t *testing.T, site *portaltest.Site, project, shown string) {
	t.Helper()
	site.As("maria").For(t).Open("/office/selections/projects/"+project).Choose("Beside the allowance", shown).Press("Save").Sees(t, "Saved.")
}

// waiting is what the dashboard says of selections that wait for the client.
func waiting(b *portaltest.Browser) string {
	var all []string
	for _, line := range portaltest.Between(b.Open("/portal/all").Body(), "<a", "</a>") {
		if strings.Contains(line, "/selections/") {
			all = append(all, line)
		}
	}
	return strings.Join(all, "\n")
}

// counted is the number beside a filter of the gallery.
func counted(t *testing.T, b *portaltest.Browser, filter string) (n int) {
	t.Helper()
	_, rest, ok := strings.Cut(b.Open("/portal/all/selections").Text(), filter+" ")
	word, _, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(word)
	if !ok || err != nil {
		t.Fatalf("no number beside %q: %v", filter, err)
	}
	return n
}
