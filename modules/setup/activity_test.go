package setup_test

import (
	"encoding/csv"
	"strings"
	"testing"
)

func TestTheLogIsAskedAndTakenAlong(t *testing.T) {
	site := open(t)
	client := clientOf(t, site, "ana")
	_, err := site.DB(t).NewRaw(`
		insert into activity (firm_id, id, at, actor_id, actor_name, verb, text, client_id, side, behalf, ip, agent, data) values
			(?0, '00000000-0000-7000-8000-0000000000a1', '2026-03-02 12:00Z', ?1, 'Maria Okafor', 'client.changed', 'painted it blue', ?2, 'office', '', '203.0.113.7',
				'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0 Safari/537.36', '{"before": {"color": "red"}, "after": {"color": "blue"}}'),
			(?0, '00000000-0000-7000-8000-0000000000a2', '2026-03-03 12:00Z', null, '=cmd|x', 'contact.invited', '=HYPERLINK("http://evil")', null, 'portal', 'Rivera', '', '', '{}')`,
		site.FirmID(), site.Person("maria").ID, client).Exec(t.Context())
	must(t, err)
	maria := site.As("maria")
	at := "/office/setup/activity"
	maria.Open(at+"?q=painted+blue").Sees(t, "painted it blue", "Chrome on a Mac, 203.0.113.7").SeesNot(t, "HYPERLINK")
	maria.Open(at+"?from=2026-03-03&until=2026-03-03").Sees(t, "HYPERLINK", "for Rivera").SeesNot(t, "painted it blue")
	maria.Open(at+"?from=2026-03-01&until=2026-03-03&kind=client").Sees(t, "painted it blue").SeesNot(t, "HYPERLINK")
	maria.Open(at+"?kind=contact.invited&until=2026-03-04").Sees(t, "HYPERLINK").SeesNot(t, "painted it blue")
	maria.Open(at+"?about=rivera&until=2026-03-04").Sees(t, "painted it blue", "Only about").SeesNot(t, "HYPERLINK")
	maria.Open(at+"?about=nobodyiscalledso").Sees(t, "No client is called so")
	maria.Open(at+"?q=painted&who="+site.Person("ben").ID.String()).Sees(t, "Nothing here fits")
	maria.Open(at+"?q=painted").Follow("painted it blue").Sees(t, "What was done", "203.0.113.7", "in the office", "red", "blue", "Not sealed yet")
	_, err = site.DB(t).ExecContext(t.Context(), "insert into activity_unsealed (firm_id, id) values (?, '00000000-0000-7000-8000-0000000000a1')", site.FirmID())
	must(t, err)
	must(t, site.Activity.SealAll(t.Context()))
	maria.Open(at+"/00000000-0000-7000-8000-0000000000a1").Sees(t, "Number ")

	a := maria.Get(at + ".csv?from=2026-03-01&until=2026-03-04")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(a.Body), "\uFEFF"))).ReadAll()
	must(t, err)
	if a.Status != 200 || len(rows) != 3 || rows[1][1] != "'=cmd|x" || !strings.HasPrefix(rows[1][4], "'=HYPERLINK") || rows[2][8] != "203.0.113.7" {
		t.Errorf("the file (%d): %v", a.Status, rows)
	}
	for _, path := range []string{at, at + ".csv", at + "/00000000-0000-7000-8000-0000000000a1"} {
		if got := site.As("ben").Get(path).Status; got != 404 {
			t.Errorf("a member opens %s: %d", path, got)
		}
		if got := site.Firm("harbor").As("ana").Get(path).Status; got == 200 {
			t.Errorf("a stranger opens %s", path)
		}
	}
}

func TestOwnersHearOfABrokenLog(t *testing.T) {
	site := open(t)
	maria := site.As("maria")
	at := "/office/setup/activity"
	maria.Open(at).Sees(t, "it has not been checked yet").Press("Check now").Sees(t, "The log is being checked")
	site.Settle(t)
	maria.Open(at).Sees(t, "Checked today at", "unbroken since")
	_, err := site.DB(t).ExecContext(t.Context(), "update activity set text = 'did nothing' where id = (select entry_id from activity_seal where firm_id = ? and seq = 1)", site.FirmID())
	must(t, err)
	maria.Open(at).Press("Check now")
	site.Settle(t)
	maria.Open(at).Sees(t, "The log is broken", "entry 1 (", "was changed after it was sealed")
	if a := site.As("ben").Post(at+"/checks", nil); a.Status != 404 {
		t.Errorf("a member has it checked: %d", a.Status)
	}
}

// TestADeedSaysFromWhere: what somebody does in the browser keeps the browser and the address; it comes into no other log.
func TestADeedSaysFromWhere(t *testing.T) {
	site := open(t)
	maria := site.As("maria")
	maria.Open("/office/setup/portal").Tick("Admins").Press("Save changes").Sees(t, "Saved.")
	got := one[string](t, site, "select side || ' ' || ip || ' ' || agent from activity where verb like 'firm.%' order by at desc limit 1")
	if !strings.HasPrefix(got, "office 127.0.0.1") {
		t.Errorf("it says %q", got)
	}
}
