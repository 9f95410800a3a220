package modules_test

import (
	"strings"
	"testing"

	"portico/modules/testdata/garden" // the one import
	"portico/platform/db"
	"portico/platform/portaltest"
)

// A new section is one folder and one import: everything else follows from what it says of itself. That its rows are
// walled off, its links lead somewhere and its switch works is asked by the tests for all sections, of it too.

func TestANewSectionIsAFolderAndAnImport(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	ana := site.As("ana")
	ana.Open("/portal/all").Sees(t, "In your garden", "Apple tree").Follow("Garden").Sees(t, "Apple tree", "Maple Street remodel").
		SeesNot(t, "Secret cactus", "Water lily", "Amaryllis")
	ana.Follow("Apple tree").Has(t, 200).Sees(t, "It waits for water")
	ana.Open("/portal/maple-garden/garden").Sees(t, "What grows on your project appears here")
	site.Firm("harbor").As("noor").Open("/office/garden").Sees(t, "Amaryllis").SeesNot(t, "Apple tree")

	tables, err := db.TablesIn(garden.Module.Migrations)
	if err != nil || len(tables) != 1 || tables[0] != "garden.plant" {
		t.Errorf("%v %v", tables, err)
	}
}

func TestANewSectionWorks(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	site.Both(t, "priya", func(t *testing.T, priya *portaltest.Browser) {
		priya.Open("/office").Follow("Garden").Press("Plant it").Has(t, 422).Sees(t, "Say what grows.")
		priya.Fill("Plant", "Fig").Choose("Project", "Maple Street remodel").Press("Plant it").Sees(t, "Fig is in the ground", "Fig thirsty")
		site.Settle(t)
		priya.Open("/office/garden").Sees(t, "Fig watered")
		site.As("ana").Open("/portal/maple-street/garden").Sees(t, "Fig")
		priya.Press("Fell Fig").Open("/office/garden").SeesNot(t, "Fig")
	})
}

func TestANewSectionHasItsSwitchAndItsPermissions(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	ben, ana := site.As("ben"), site.As("ana")
	ben.Open("/office/garden").Sees(t, "Apple tree").SeesNot(t, "Fell")
	var plant string
	if err := site.DB(t).NewRaw("select id::text from garden.plant where name = 'Apple tree'").Scan(t.Context(), &plant); err != nil {
		t.Fatal(err)
	}
	if a := ben.Ask("DELETE", "/office/garden/plants/"+plant, nil); a.Status != 404 {
		t.Errorf("a member fells: %d", a.Status)
	}
	if a := ana.Get("/portal/all/garden/harvest"); a.Status != 200 {
		t.Errorf("the area is on: %d", a.Status)
	}
	exec(t, site, `update firm set switches = switches || '{"garden/harvest": false}'`)
	if a := ana.Get("/portal/all/garden/harvest"); a.Status != 404 {
		t.Errorf("the area is off: %d", a.Status)
	}
	if a := ana.Get("/portal/all/garden"); a.Status != 200 {
		t.Errorf("the section is still on: %d", a.Status)
	}
	site.As("maria").Open("/office/setup").Has(t, 200)
	if body := string(site.As("maria").Get("/office/setup/sections").Body); !strings.Contains(body, "Garden") || !strings.Contains(body, "Harvest") {
		t.Error("the setup does not offer its switches")
	}
	exec(t, site, `update firm set switches = switches || '{"garden": false}'`)
	ana.Open("/portal/all").SeesNot(t, "Garden", "Apple tree")
	if a := ana.Get("/portal/all/garden"); a.Status != 404 {
		t.Errorf("switched off: %d", a.Status)
	}
}
