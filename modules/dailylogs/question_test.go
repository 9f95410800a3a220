package dailylogs_test

import (
	"testing"

	"github.com/google/uuid"

	"portico/modules/dailylogs"
	"portico/platform/portaltest"
)

// TestAFirmAsksItsQuestions goes through settings, questions, tags and filters.
func TestAFirmAsksItsQuestions(t *testing.T) {
	site := portaltest.Open(t, dailylogs.Module)
	do(t, site, "delete from dailylogs.log where firm_id = ? and state = 'draft'", site.FirmID())
	maria, diego, ana := site.As("maria"), site.As("diego"), site.As("ana")
	diego.Open("/office/dailylogs/settings").Has(t, 404)
	maria.Open("/office/dailylogs/settings/questions/new").Press("Add the question").Has(t, 422).Sees(t, "Write the question.")
	maria.Fill("Question", "How many windows are in?").Choose("For whom", "For the client").Choose("Answered with", "Number").Tick("It has to be answered before a log can be submitted").Press("Add the question").Sees(t, "How many windows are in?", "has to be answered")
	maria.Fill("New tag", "Windows").Press("Add the tag").Sees(t, "Windows")
	maria.Fill("New tag", "windows").Press("Add the tag").Has(t, 422).Sees(t, "There is a tag with this name already.")

	log := begin(t, site, "diego", "maple-street")
	diego.Open("/office/dailylogs/"+log+"/edit").Fill("What was done", "Windows.").Press("Submit log").Has(t, 422).Sees(t, "This question has to be answered.")
	if diego.Value("What was done") != "Windows." {
		t.Error("what was typed is lost")
	}
	diego.Fill("How many windows are in?", "many").Choose("Was everybody safe?", "Yes").Press("Submit log").Has(t, 422).Sees(t, "Enter a number.")
	diego.Fill("How many windows are in?", "7").Tick("Windows").Press("Submit log").Has(t, 200).Sees(t, "Submitted")
	ana.Open("/portal/all/dailylogs/"+log).Sees(t, "How many windows are in?", "7").SeesNot(t, "Was everybody safe?")
	tag := one(t, site, "select id::text from dailylogs.tag where firm_id = ? and name = 'Windows'", site.FirmID())
	ana.Open("/portal/all/dailylogs?tag="+tag).Sees(t, "How many windows are in?").SeesNot(t, "Insulation is in")
	ana.Open("/portal/all/dailylogs?q=insulat").Sees(t, "Insulation is in").SeesNot(t, "How many windows are in?")
	ana.Open("/portal/all/dailylogs?from=2020-01-01&to=2020-01-02").Sees(t, "Nothing found")
	maria.Open("/office/dailylogs?q=windows").Sees(t, "Windows.")
	maria.Open("/office/dailylogs?state=hidden").Sees(t, "Internal walk").SeesNot(t, "Insulation is in")
	// a day later its author cannot change it any more; an admin can
	do(t, site, "update dailylogs.log set submitted_at = submitted_at - interval '25 hours' where id = ?", log)
	diego.Open("/office/dailylogs/"+log).SeesNot(t, "Reopen")
	if a := diego.Post("/office/dailylogs/"+log+"/opening", nil); a.Status != 404 {
		t.Errorf("%d", a.Status)
	}
	maria.Open("/office/dailylogs/"+log).Sees(t, "Reopen")
	maria.Open("/office/dailylogs/settings").Press("Remove: How many windows are in?").Sees(t, "What was answered stays.")
	maria.Open("/office/dailylogs/"+log).Sees(t, "How many windows are in?")
	// drafts are discarded with their photos
	log = begin(t, site, "diego", "maple-street")
	send(t, diego, log, uuid.NewString(), picture(t, 1, 40, 30))
	file := one(t, site, "select file_id::text from dailylogs.photo where log_id = ?", log)
	diego.Open("/office/dailylogs/"+log+"/edit").Press("Discard this draft").Sees(t, "Discarded.")
	if n := one(t, site, "select count(*) from file where id = ?", file); n != "0" {
		t.Error("the photo of a discarded draft is still there")
	}
}
