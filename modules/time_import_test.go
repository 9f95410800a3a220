package modules_test

import (
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// Files as programs that track time write them.
var timeFiles = map[string]string{
	"toggl.csv": "\ufeffUser,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags\n" +
		"Diego Santos,diego@northgate.example,Ana & Tom Rivera,Maple Street remodel,Cabinets,Hung the upper ones,Yes,2026-03-02,08:00:00,2026-03-02,11:30:00,03:30:00,\n" +
		"Ben Lindqvist,ben@northgate.example,Ana & Tom Rivera,Maple Street remodel,Planning,,No,2026-03-03,08:00:00,2026-03-03,08:45:00,00:45:00,\n" +
		"Somebody Else,else@example.com,Ana & Tom Rivera,Maple Street remodel,Planning,,No,2026-03-03,08:00:00,2026-03-03,08:45:00,00:45:00,\n",
	"harvest.csv": "Date,Client,Project,Task,Notes,Hours,Billable?,First Name,Last Name,Employee\n" +
		"2026-03-02,Ana & Tom Rivera,Maple Street remodel,Cabinets,Hung the upper ones,3.5,Yes,Diego,Santos,Diego Santos\n" +
		"2026-03-03,Ana & Tom Rivera,Maple Street remodel,Planning,,0.75,No,Ben,Lindqvist,Ben Lindqvist\n" +
		"2026-03-04,Ana & Tom Rivera,No such project,Planning,,0.75,No,Ben,Lindqvist,Ben Lindqvist\n",
}

// TestTimeComesThroughTheImportScreenAndGoes: with the columns as these programs name them, once however often the file
// comes, and back out again; what was billed meanwhile stays.
func TestTimeComesThroughTheImportScreenAndGoes(t *testing.T) {
	t.Parallel()
	for name, content := range timeFiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := portaltest.Open(t)
			maria := site.As("maria")
			const came = "select count(*) from time.entry where imported"
			upload(maria, "Time entries", name, []byte(content)).For(t).Sees(t, "Which column is what?")
			through(t, site, maria, "Import 2 time entries").Sees(t, "Done", "4 ")
			at := maria.Path()
			if n := rows(t, site, came); n != 2 {
				t.Fatalf("%d came", n)
			}
			if n := rows(t, site, "select sum(minutes) from time.entry where imported"); n != 255 {
				t.Errorf("%d minutes", n)
			}
			if n := rows(t, site, came+" and not billable and internal_notes = '' and task = 'Planning'"); n != 1 {
				t.Error("what is not billed is")
			}
			maria.Open("/office/time/entries?q=upper+ones").Sees(t, "Cabinets", "3:30", "Diego Santos")
			for _, path := range []string{"/portal/all/time", "/portal/all/time/hours.csv"} {
				if strings.Contains(string(site.As("ana").Get(path).Body), "upper ones") {
					t.Errorf("internal words are in %s", path)
				}
			}
			upload(maria, "Time entries", name, []byte(content)).Press("Check the rows")
			site.Settle(t)
			maria.Open(maria.Path()).Sees(t, "2 are there already")
			maria.Open(at).Press("Undo all of it")
			site.Settle(t)
			maria.Open(at).Sees(t, "Undone")
			if n := rows(t, site, came); n != 0 {
				t.Errorf("%d stay", n)
			}
		})
	}
}
