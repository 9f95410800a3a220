package modules_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"portico/platform/id"
	"portico/platform/lang"
	"portico/platform/mail/mailtest"
	"portico/platform/mailtext"
	"portico/platform/portaltest"
)

// mailsToContacts are the mails that a contact gets, each with the promises of the demo's story that Ana may be written
// about: a promise of which nothing is to be told sends nothing. ana is her contact.
var mailsToContacts = []struct{ kind, from string }{
	{"door:invite", "select jsonb_build_object('contact', id, 'by', (select person_id from staff limit 1)) from ana"},
	{"door:code", "select jsonb_build_object('Person', person_id, 'Contact', id) from ana"},
	{"profile:mail_notice", `select jsonb_build_object('Person', person_id, 'Contact', id, 'What', what) from ana,
		unnest(array['password', 'password_off', 'passkey', 'passkey_off', 'authenticator', 'authenticator_off', 'recovery']) what`},
	{"billing:mail", "select jsonb_build_object('ID', i.id, 'Contact', ana.id, 'Again', again) from ana, billing.invoice i, unnest(array[true, false]) again where i.client_id = ana.client_id limit 12"},
	{"billing:mail_void", "select jsonb_build_object('Letter', l.id) from billing.letter l join ana on ana.id = l.contact_id where l.kind = 'void'"},
	{"billing:mail_reminder", "select jsonb_build_object('Letter', l.id) from billing.letter l join ana on ana.id = l.contact_id where l.kind = 'reminder'"},
	{"dailylogs:mail", "select jsonb_build_object('Log', l.id, 'Contact', ana.id) from ana, dailylogs.log l where l.client_id = ana.client_id"},
	{"dailylogs:mail_comment", "select jsonb_build_object('Comment', c.id, 'Contact', ana.id) from ana, comment c where c.client_id = ana.client_id and c.section = 'dailylogs' and c.contact_id is null"},
	{"documents:warn", "select jsonb_build_object('Version', v.id, 'Client', ana.client_id, 'Contact', ana.id) from ana, documents.version v where v.client_id = ana.client_id and v.scan = 'infected'"},
	{"envelopes:mail_request", "select jsonb_build_object('Envelope', r.envelope_id, 'Recipient', r.id, 'Link', r.link_no) from ana, envelopes.recipient r where r.contact_id = ana.id"},
	{"envelopes:mail_reminder", "select jsonb_build_object('Envelope', r.envelope_id, 'Recipient', r.id, 'Link', r.link_no) from ana, envelopes.recipient r where r.contact_id = ana.id"},
	{"envelopes:mail_sealed", "select jsonb_build_object('Envelope', r.envelope_id, 'Recipient', r.id) from ana, envelopes.recipient r where r.contact_id = ana.id"},
	{"envelopes:tell", "select jsonb_build_object('id', r.envelope_id, 'what', 'hosted', 'recipient', r.id, 'host', (select person_id from staff limit 1)) from ana, envelopes.recipient r where r.contact_id = ana.id"},
	{"help:mail_answer", "select jsonb_build_object('ID', f.id) from ana, help.feedback f where f.contact_id = ana.id and f.state = 'answered'"},
	{"messages:mail", "select jsonb_build_object('Conversation', c.id, 'Contact', ana.id) from ana, messages.conversation c where c.client_id = ana.client_id"},
	{"schedule:mail", "select jsonb_build_object('Notice', n.id, 'Contact', ana.id) from ana, schedule.notice n where n.client_id = ana.client_id"},
	{"selections:mail_client", `select jsonb_build_object('Client', s.client_id, 'Project', s.project_id, 'What', what, 'Selections', jsonb_build_array(s.id), 'Contact', ana.id,
			'Comment', (select c.id from comment c where c.section = 'selections' and c.client_id = ana.client_id limit 1))
		from ana, selections.selection s, unnest(array['released', 'reminder', 'priced', 'reopened', 'recorded', 'comment']) what where s.client_id = ana.client_id`},
	{"notice:mail_digest", "select jsonb_build_object('Person', person_id, 'Contact', id, 'Before', now() + interval '1 day') from ana"},
}

// sendMailsTo makes everything be told to Ana that her contact can be told by mail, in her language, and gives the mails.
func sendMailsTo(t *testing.T, site *portaltest.Site, locale string) []mailtest.Mail {
	t.Helper()
	db, ana := site.DB(t), site.Person("ana").Email
	run := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	site.Develop(t)
	run("update person set locale = ? where firm_id = ? and email = ?", locale, site.FirmID(), ana)
	run("delete from messages.reading where as_client")
	run("update help.feedback set mailed_at = null, state = 'answered', answer = 'We come on Monday.', answered_by = (select person_id from staff limit 1) where true")
	run("update notice set mail = 'daily', read_at = null, folded = false where contact_id is not null")
	run("update billing.letter set sent_at = null")
	run("delete from notice where mail <> 'daily'")
	before := len(site.Mails())
	for _, m := range mailsToContacts {
		var payloads []string
		err := db.NewRaw(`with ana as (select ct.* from contact ct join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
			where ct.firm_id = ? and p.email = ? order by ct.created_at limit 1) `+m.from, site.FirmID(), ana).Scan(t.Context(), &payloads)
		if err != nil {
			t.Fatalf("%s: %v", m.kind, err)
		}
		for _, p := range payloads {
			run("insert into outbox (firm_id, id, kind, payload) values (?, ?, ?, ?)", site.FirmID(), id.New(), m.kind, p)
		}
	}
	site.Refused(t)
	b := site.Browser()
	b.Open("/sign-in").Fill("Email", ana).Press("Email me a link")
	var list []mailtest.Mail
	for _, m := range site.Mails()[before:] {
		if strings.EqualFold(m.Recipient, ana) {
			list = append(list, m)
		}
	}
	return list
}

// TestMailsToContactsAreSaidInTheirLanguage reads every mail that a contact gets in the language of tests: what stands
// outside its brackets must be what people wrote.
func TestMailsToContactsAreSaidInTheirLanguage(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	list := sendMailsTo(t, site, lang.Accents)
	written, told := writtenByPeople(t, site), titlesOfNotices(t, site)
	hard, kinds := map[string]string{}, map[string]int{}
	note := func(m mailtest.Mail, text string) {
		if strings.Contains(text, "://") || strings.Contains(text, "\u034f") || aCode.MatchString(strings.TrimSpace(text)) { // nor is the beginning that is repeated for lists of mails
			return
		}
		if left := written.without(text); left != "" && hard[left] == "" {
			hard[left] = m.Kind + ": " + text
		}
	}
	for _, m := range list {
		kinds[m.Kind]++
		note(m, m.Subject)
		doc, err := html.Parse(bytes.NewReader([]byte(m.HTML)))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(readIn(doc), "\n")
		for said.MatchString(text) { // a message may be of several paragraphs
			text = said.ReplaceAllString(text, "")
		}
		for line := range strings.Lines(told.Replace(text)) {
			note(m, line)
		}
		if !strings.Contains(m.HTML, `<html lang="`+lang.Accents+`" dir="ltr">`) || !strings.Contains(m.Text, lang.Opens) {
			t.Errorf("%s: its frame is not in the reader's language", m.Kind)
		}
	}
	for _, words := range slices.Sorted(mapsKeysOf(hard)) {
		t.Errorf("hard-coded: %q, %s", words, hard[words])
	}
	for _, m := range mailsToContacts {
		if kinds[m.kind] == 0 && !slices.Contains([]string{"billing:mail_void", "billing:mail_reminder", "documents:warn"}, m.kind) { // of which the story has none
			t.Errorf("no mail of %s", m.kind)
		}
	}
}

// titlesOfNotices are left out of the daily mail: each says what it said when it was told.
func titlesOfNotices(t *testing.T, site *portaltest.Site) *strings.Replacer {
	t.Helper()
	var titles, pairs []string
	if err := site.DB(t).NewRaw("select title from notice where contact_id is not null").Scan(t.Context(), &titles); err != nil {
		t.Fatal(err)
	}
	for _, title := range titles {
		pairs = append(pairs, title, "")
	}
	return strings.NewReplacer(pairs...)
}

// aCode is what one types to sign in.
var aCode = regexp.MustCompile(`^[0-9A-Z]{4}-[0-9A-Z]{4}$`)

var placesOfMails = regexp.MustCompile(`\{\{[a-z_]+\}\}`)

// TestTheWordsOfMailsKeepTheirPlaces: each default is said in each language, has the places of the English one, and could
// be saved as a firm's own.
func TestTheWordsOfMailsKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	placed := func(text string) string {
		all := placesOfMails.FindAllString(text, -1)
		slices.Sort(all)
		return strings.Join(all, " ")
	}
	for _, k := range mailtext.All() {
		for _, code := range lang.Codes()[1:] {
			r := lang.Of(code)
			for _, words := range []string{k.Subject, k.Text, k.Button} {
				said, known := r.Look(words)
				if !known {
					t.Errorf("no words in %s: %q", code, words)
				}
				if placed(said) != placed(words) {
					t.Errorf("%s: %q has other places: %q", code, words, said)
				}
			}
			if wrong := k.Check(r.Say(k.Subject), r.Say(k.Text)); len(wrong) > 0 {
				t.Errorf("%s in %s: %v", k.ID, code, wrong)
			}
		}
	}
}
