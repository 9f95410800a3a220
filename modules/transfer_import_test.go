package modules_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"portico/platform/portaltest"
)

// kinds are the words of the first page.
const (
	asClients  = "Clients"
	asContacts = "Contacts"
	asProjects = "Projects"
)

// upload takes a file to the second step.
func upload(b *portaltest.Browser, kind, name string, content []byte) *portaltest.Browser {
	return b.Open("/office/transfer/imports/new").Choose("What does the file hold?", kind).Attach("File", name, content).Press("Upload and go on")
}

func rows(t testing.TB, site *portaltest.Site, query string, args ...any) (n int) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// TestRealExportsGoThrough takes the files of three programs as they are, clients and contacts out of each, and invoices
// and payments too, for these name clients in every row.
func TestRealExportsGoThrough(t *testing.T) {
	for _, c := range []struct {
		file, kind, button string
		clients, contacts  int
		asks               []string // of the rows that came: each must be there
	}{
		{"invoiceninja/clients.csv", asClients, "Import 20 clients", 20, 20, []string{
			"select count(*) from client where name = 'Ludwig Krajcik DVM' and street = '371 O''Connell Summit, Suite 612' and city = 'Lornamouth' and region = 'New York' and postcode = '83425-0771'",
			"select count(*) from contact where name = 'Terrill Ondricka' and email = 'brook59@example.org' and phone = '1-537-759-0369' and is_primary and access = 'none'",
			"select count(*) from client c where c.name = 'Ludwig Krajcik DVM' and exists (select from client_word w where w.firm_id = c.firm_id and w.client_id = c.id and w.word = 'krajcik') and exists (select from client_word w where w.client_id = c.id and w.word = 'ondricka')",
		}},
		{"invoiceninja/clients.csv", asContacts, "Import 20 contacts", 20, 20, nil},
		{"invoiceninja/invoices.csv", asClients, "Import 20 clients", 20, 0, []string{"select count(*) from client where name = 'Ludwig Krajcik DVM' and email = 'brook59@example.org'"}},
		{"invoiceninja/invoices.csv", asContacts, "Import 20 contacts", 20, 20, []string{"select count(*) from contact where name = 'Ludwig Krajcik DVM' and email = 'brook59@example.org'"}},
		{"invoiceninja/payments.csv", asClients, "Import 20 clients", 20, 0, nil},
		{"freshbooks/clients.csv", asClients, "Import 2 clients", 2, 2, []string{
			"select count(*) from client where name = 'Marge Simpson' and city = 'Springfield' and region = 'Illinois' and country = 'United States' and kind = 'household'",
			"select count(*) from client c join contact ct on ct.client_id = c.id where c.name = 'X-Men' and c.kind = 'company' and ct.name = 'Scott Summer' and ct.email = 'ssummers@xavierscool.edu'",
		}},
		{"freshbooks/clients.csv", asContacts, "Import 2 contacts", 2, 2, nil},
		{"freshbooks/invoices.csv", asClients, "Import 1 client", 1, 0, []string{"select count(*) from client where name = 'X-Men'"}},
		{"zoho/contacts.csv", asClients, "Import 5 clients", 5, 5, []string{
			"select count(*) from client c join contact ct on ct.client_id = c.id where c.name = 'Avengers' and ct.name = 'Thor Odensohn' and ct.email = 'thor@midgaurd.org'",
		}},
		{"zoho/contacts.csv", asContacts, "Import 5 contacts", 5, 5, nil},
		{"zoho/invoices.csv", asClients, "Import ", 0, 0, []string{"select count(*) from client where name = 'Highlander'"}},
	} {
		t.Run(c.file+" "+c.kind, func(t *testing.T) {
			t.Parallel()
			site := portaltest.Open(t)
			content, err := os.ReadFile(filepath.Join("testdata", "imports", c.file))
			if err != nil {
				t.Fatal(err)
			}
			clients, contacts := rows(t, site, "select count(*) from client"), rows(t, site, "select count(*) from contact")
			maria := site.As("maria")
			upload(maria, c.kind, filepath.Base(c.file), content).Sees(t, "Which column is what?")
			maria.Press("Check the rows").Has(t, 200).Sees(t, "Ready to import").SeesNot(t, "Rows that cannot be taken")
			maria.Press(c.button)
			site.Settle(t)
			maria.Open(maria.Path()).Sees(t, "Done", "Added")
			if got := rows(t, site, "select count(*) from client") - clients; c.clients > 0 && got != c.clients {
				t.Errorf("%d clients, want %d", got, c.clients)
			}
			if got := rows(t, site, "select count(*) from contact") - contacts; got != c.contacts {
				t.Errorf("%d contacts, want %d", got, c.contacts)
			}
			for _, ask := range c.asks {
				if rows(t, site, ask) == 0 {
					t.Errorf("not there: %s", ask)
				}
			}
			if rows(t, site, "select count(*) from activity where verb = 'transfer.imported'") != 1 {
				t.Error("the log does not tell of it, or more than once")
			}
			for _, news := range []string{"/office/cards/dashboard:recent", "/office/setup/activity"} {
				maria.Open(news).Sees(t, "imported").SeesNot(t, "by an import")
			}
			maria.Open("/office/cards/dashboard:recent").Follow("Show it").Sees(t, "Done", "Added")
			maria.Open("/office/setup/activity?q=by+an+import").Sees(t, "by an import")
		})
	}
}

// through takes a file from the first page to the last.
func through(t *testing.T, site *portaltest.Site, b *portaltest.Browser, button string) *portaltest.Browser {
	t.Helper()
	b.For(t).Press("Check the rows").Has(t, 200)
	site.Settle(t)
	b.For(t).Open(b.Path()).Sees(t, "Ready to import")
	b.For(t).Press(button)
	site.Settle(t)
	return b.For(t).Open(b.Path())
}

// TestOtherProgramsFilesGoThroughWithMappingAlone takes files as programs write them that nobody has seen here.
func TestOtherProgramsFilesGoThroughWithMappingAlone(t *testing.T) {
	t.Parallel()
	wide := make([]string, 60)
	wideRow := make([]string, 60)
	for i := range wide {
		wide[i] = fmt.Sprintf("Custom Field %d", i+1)
		wideRow[i] = "x"
	}
	wide[17], wide[41], wide[58] = "Customer Full Name", "Main Email", "Zip"
	wideRow[17], wideRow[41], wideRow[58] = "Fern Valley LLC", "hello@fern.example", "01002"
	latin, err := charmap.Windows1252.NewEncoder().Bytes([]byte("Kunde;Straße;PLZ;Ort;E-Mail;Telefon\nMüller & Söhne GmbH;Lindenallee 4;10115;Berlin;info@mueller.example;030 1234567\nJürgen Weiß;Königstraße 9;70173;Stuttgart;;\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, kind, button string
		content            []byte
		choose             map[string]string // field: column
		fill               map[string]string // field: always
		asks               []string
	}{
		{"QuickBooks.csv", asClients, "Import 3 clients", []byte(`"Northgate Builders",,,,
"Customer Contact List",,,,
"All Dates",,,,
,,,,
Customer,Phone Numbers,Email,Full Name,Billing Address
"Rivera, Ana",(512) 555-0141,ana.r@qb.example,Ana Rivera,"12 Main St
Austin, TX 78701"
Oak & Elm Inc.,512-555-0199,office@oakelm.example,Sam Elm,"44 Oak Ave, Suite 2, Round Rock, TX 78664"
Solo Client,,,,
`), nil, nil, []string{
			"select count(*) from client where name = 'Oak & Elm Inc.' and kind = 'company' and street = '44 Oak Ave, Suite 2' and city = 'Round Rock' and region = 'TX' and postcode = '78664'",
			"select count(*) from client c join contact ct on ct.client_id = c.id where c.name = 'Rivera, Ana' and c.city = 'Austin' and ct.name = 'Ana Rivera' and ct.email = 'ana.r@qb.example'",
		}},
		{"HubSpot.csv", asContacts, "Import 3 contacts", []byte("Record ID,First Name,Last Name,Email,Phone Number,Associated Company,Job Title,Lead Status\n1,Lea,Stone,lea@acme.example,+1 555 010 0001,Acme Group,CEO,OPEN\n2,Max,Stone,max@acme.example,,Acme Group,CTO,OPEN\n3,Ida,Bell,ida@bell.example,,,,NEW\n"),
			map[string]string{"Client": "5"}, nil, []string{
				"select count(*) = 2 as n from contact ct join client c on c.id = ct.client_id where c.name = 'Acme Group'",
				"select count(*) from contact ct join client c on c.id = ct.client_id where c.name = 'Ida Bell' and ct.name = 'Ida Bell'",
				"select count(*) from contact where name = 'Lea Stone' and title = 'CEO' and is_primary",
			}},
		{"Jobber.csv", asClients, "Import 2 clients", []byte("Company Name,Title,First Name,Last Name,Main Phone #,E-mail,Service Street 1,Service Street 2,Service City,Service Province,Service ZIP code,Lead Source\n,Mrs,Jo,Marsh,(416) 555-0100,jo@marsh.example,1 Wellington St,Unit 5,Ottawa,ON,K1A 0A9,Web\nMarsh Holdings,,Amy,Marsh,,amy@marsh.example,,,,,,\n"),
			map[string]string{"Phone": "4", "Postal code": "10"}, nil, []string{
				"select count(*) from client where name = 'Jo Marsh' and kind = 'household' and street = '1 Wellington St, Unit 5' and region = 'ON' and postcode = 'K1A 0A9'",
				"select count(*) from client c join contact ct on ct.client_id = c.id where c.name = 'Marsh Holdings' and ct.name = 'Amy Marsh'",
			}},
		{"Buildertrend.csv", asProjects, "Import 3 projects", []byte("Job Name,Client Name,Job Status,Job Address,Projected Start,Projected Completion\nLake House,Ana & Tom Rivera,Open,\"9 Lake Rd, Austin, TX 78703\",25/03/2026,30/11/2026\nLake House,New Family,Presale,,01/04/2026,\nGarage,New Family,Warranty,,,\n"),
			nil, nil, []string{
				"select count(*) from project p join client c on c.id = p.client_id where c.name = 'Ana & Tom Rivera' and p.key = 'lake-house' and p.status = 'active' and p.starts_on = '2026-03-25' and p.ends_on = '2026-11-30' and p.city = 'Austin' and not p.shared",
				"select count(*) from project p join client c on c.id = p.client_id where c.name = 'New Family' and p.key = 'lake-house-2' and p.status = 'planned' and p.starts_on = '2026-04-01'",
				"select count(*) = 1 as n from client where name = 'New Family'",
			}},
		{"Deutsch.csv", asClients, "Import 2 clients", latin, nil, map[string]string{"Country": "Deutschland"}, []string{
			"select count(*) from client where name = 'Müller & Söhne GmbH' and kind = 'company' and street = 'Lindenallee 4' and postcode = '10115' and city = 'Berlin' and country = 'Deutschland'",
			"select count(*) from client where name = 'Jürgen Weiß' and kind = 'household' and city = 'Stuttgart'",
		}},
		{"titles.xlsx", asClients, "Import 2 clients", workbook(t), nil, nil, []string{
			"select count(*) from client where name = 'Birch Family' and phone = '5125550141'",
			"select count(*) from client where name = 'Cedar Co' and notes = E'line one\nline \"two\"'",
		}},
		{"quotes.csv", asClients, "Import 2 clients", []byte("Name,Notes,Email\n\"Quote \"\"Q\"\" Quentin\",\"first\nsecond, third\",q@q.example\n5\" Pipe Works,plain,p@p.example\n"), nil, nil, []string{
			"select count(*) from client where name = 'Quote \"Q\" Quentin' and notes = E'first\nsecond, third'", "select count(*) from client where name = '5\" Pipe Works'",
		}},
		{"wide.csv", asClients, "Import 1 client", []byte(strings.Join(wide, ",") + "\n" + strings.Join(wideRow, ",") + "\n"), nil, nil, []string{
			"select count(*) from client where name = 'Fern Valley LLC' and email = 'hello@fern.example' and postcode = '01002'",
		}},
		{"nohead.csv", asClients, "Import 2 clients", []byte("Ana Nohead,ana@nohead.example,555-0141\nTom Nohead,tom@nohead.example,555-0142\n"), map[string]string{"Client": "0", "Email": "1", "Phone": "2"}, nil, []string{
			"select count(*) from client where name = 'Tom Nohead' and phone = '555-0142'",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			site := portaltest.Open(t)
			maria := site.As("maria")
			upload(maria, c.kind, c.name, c.content).Sees(t, "Which column is what?")
			group := map[string]string{"Phone": "f_phone", "Email": "f_email"}
			for field, column := range c.choose {
				_ = group
				maria.Fill(field, column)
			}
			for field, value := range c.fill {
				maria.Fill(field+", always the same", value)
			}
			through(t, site, maria, c.button).Sees(t, "Done")
			for _, ask := range c.asks {
				if strings.Contains(ask, " as n ") {
					ask = "select (" + ask + ")::int"
				}
				if rows(t, site, ask) == 0 {
					t.Errorf("not there: %s", ask)
				}
			}
		})
	}
}

// workbook has a merged title above the names, an empty first sheet, and a number for a telephone.
func workbook(t testing.TB) []byte {
	f := excelize.NewFile()
	_, _ = f.NewSheet("Kunden")
	for cell, value := range map[string]any{
		"A1": "Our clients, as of today", "A3": "Client", "B3": "Phone", "D3": "Notes", "A4": "Birch Family", "B4": 5125550141, "A6": "Cedar Co", "D6": "line one\nline \"two\"",
	} {
		_ = f.SetCellValue("Kunden", cell, value)
	}
	_ = f.MergeCell("Kunden", "A1", "D1")
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
