package billing_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"portico/platform/id"
	"portico/platform/lang"
	"portico/platform/mail/mailtest"
	"portico/platform/portaltest"
)

// retold are the mails that tell Ana of what she has paid and saved, promised once more.
var retold = []struct{ kind, from string }{
	{"billing:mail", "select jsonb_build_object('ID', i.id, 'Contact', ana.id) from ana, billing.invoice i where i.client_id = ana.client_id"},
	{"billing:tell", `select jsonb_build_object('Attempt', a.id, 'What', what, 'Contact', ana.id, 'Payer', true, 'About', (select id from billing.refund limit 1))
		from ana, billing.attempt a, unnest(array['paid', 'failed', 'returned', 'refunded']) what where a.payment_id is not null`},
	{"billing:autopay_mail", `select jsonb_build_object('What', what, 'Contact', ana.id, 'Invoice', coalesce(c.invoice_id, gen_random_uuid()))
		from ana join unnest(array['on', 'soon']) what on true left join billing.autopay_charge c on c.contact_id = ana.id and what = 'soon'`},
	{"billing:method_mail", "select jsonb_build_object('Contact', ana.id, 'Method', m.id, 'Removed', removed, 'Autopay', true) from ana, billing.method m, unnest(array[true, false]) removed where m.contact_id = ana.id"},
}

// retell has Ana be told of it again, in her language, and of how to sign in.
func retell(t *testing.T, site *portaltest.Site, locale string) (list []mailtest.Mail) {
	t.Helper()
	ana := site.Person("ana").Email
	before := len(site.Mails())
	do(t, site, "update person set locale = ? where firm_id = ? and email = ?", locale, site.FirmID(), ana)
	for _, m := range retold {
		var payloads []string
		if err := site.DB(t).NewRaw(`with ana as (select ct.* from contact ct join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
			where ct.firm_id = ? and p.email = ? order by ct.created_at limit 1) `+m.from, site.FirmID(), ana).Scan(t.Context(), &payloads); err != nil {
			t.Fatalf("%s: %v", m.kind, err)
		}
		for _, p := range payloads {
			do(t, site, "insert into outbox (firm_id, id, kind, payload) values (?, ?, ?, ?)", site.FirmID(), id.New(), m.kind, p)
		}
	}
	site.Browser().Open("/sign-in").Fill("Email", ana).Press("Email me a link")
	for _, m := range site.Mails()[before:] {
		if m.Recipient == ana {
			list = append(list, m)
		}
	}
	return list
}

var (
	bracketed = regexp.MustCompile(lang.Opens + `[^` + lang.Opens + lang.Closes + `]*` + lang.Closes)
	plainly   = regexp.MustCompile(`(?i)\b(the|is|was|your|you|paid|payment|will|with|see|hello|invoice|due|owed|receipt|charged)\b`)
)

// TestMailsAboutMoneyAreSaidInTheReadersLanguage: in the language of tests nothing stands outside its brackets, and in
// Spanish signing in, an invoice and a receipt have Spanish words, days and amounts.
func TestMailsAboutMoneyAreSaidInTheReadersLanguage(t *testing.T) {
	site := online(t)
	ana := site.As("ana").For(t)
	payByCard(t, site, ana, three[1], "Pay $8,628.58", "4242424242424242")
	keep(t, site, ana, "Add a card", "4242424242424242")
	payment := one[string](t, site, "select payment_id::text from billing.attempt where status = 'succeeded'")
	site.As("maria").For(t).Open("/office/billing/payments/"+payment).Follow("Refund").Fill("Amount", "100.00").Fill("Reason", "Tiles came broken").Tick("Give this money back").Press("Refund")
	site.Settle(t)
	do(t, site, `insert into billing.autopay (firm_id, contact_id, client_id, method_id)
		select m.firm_id, m.contact_id, ct.client_id, m.id from billing.method m join contact ct on ct.firm_id = m.firm_id and ct.id = m.contact_id where m.kept and m.removed_at is null limit 1`)

	kinds := map[string]int{}
	for _, m := range retell(t, site, lang.Accents) {
		kinds[m.Kind]++
		text := strings.ReplaceAll(m.Subject+"\n"+m.Text, "Thank you for letting us work through the holidays.", "") // what the firm wrote
		for bracketed.MatchString(text) {
			text = bracketed.ReplaceAllString(text, "")
		}
		if found := plainly.FindString(text); found != "" || !strings.Contains(m.HTML, `<html lang="`+lang.Accents+`" dir="ltr">`) {
			t.Errorf("%s: %q is hard-coded in\n%s\n%s", m.Kind, found, m.Subject, m.Text)
		}
	}
	for _, m := range retold {
		if kinds[m.kind] == 0 {
			t.Errorf("no mail of %s", m.kind)
		}
	}

	spanish := retell(t, site, "es-ES")
	for kind, want := range map[string][2]string{
		"door:link":    {`^Iniciar sesión en Northgate`, `Hola, Ana .*Pulse el botón y ya está dentro\.`},
		"billing:mail": {`^Factura \S+ de Northgate`, `Hola, Ana .*El importe de [\d.]+,\d\d\sUS\$ vence el \p{L}+, \d+ \p{L}+ 20\d\d\.`},
		"billing:tell": {`^Recibo \S+: 8\.?628,58\sUS\$ a Northgate`, `Hola, Ana .*Gracias\. Se pagaron 8\.?628,58\sUS\$ por .*Pagado el \p{L}+, \d+ \p{L}+ 20\d\d con Visa •••• 4242`},
	} {
		subject, body := regexp.MustCompile(want[0]), regexp.MustCompile(want[1])
		if !slices.ContainsFunc(spanish, func(m mailtest.Mail) bool {
			return m.Kind == kind && subject.MatchString(spaced(m.Subject)) && body.MatchString(spaced(m.Text)) && strings.Contains(m.HTML, `<html lang="es" dir="ltr">`)
		}) {
			for _, m := range spanish {
				if m.Kind == kind {
					t.Errorf("%s is not as it should be:\n%s\n%s", kind, m.Subject, m.Text)
				}
			}
			t.Errorf("no %s in Spanish", kind)
		}
	}
}

// spaced has one plain space wherever a text has some.
func spaced(text string) string { return strings.Join(strings.Fields(text), " ") }
