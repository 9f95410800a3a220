package clients

import (
	"slices"
	"strings"

	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/sheet"
)

// imports are the kinds of records that come over from other programs.
func imports() []module.Import {
	return []module.Import{
		{
			ID: "clients:clients", Title: "Clients", One: "client", Many: "clients", Order: 10,
			About:  "Households and companies, with the contacts that stand beside them.",
			Fields: clientFields, Choices: []module.ImportChoice{oneClient, kindOf, unusable},
			Key: clientKey, Look: lookClients, Write: writeClients, Undo: undo, Export: exportClients,
		},
		{
			ID: "clients:contacts", Title: "Contacts", One: "contact", Many: "contacts", Order: 20,
			About:  "The people of your clients. Nobody is invited by an import.",
			Fields: contactFields, Choices: []module.ImportChoice{missing, unusable},
			Key: contactKey, Look: lookContacts, Write: writeContacts, Undo: undo, Export: exportContacts,
		},
		{
			ID: "clients:projects", Title: "Projects", One: "project", Many: "projects", Order: 30,
			About:  "The work for your clients, with its place, dates and state.",
			Fields: projectFields, Choices: []module.ImportChoice{missing},
			Key: projectKey, Look: lookProjects, Write: writeProjects, Undo: undo, Export: exportProjects,
		},
	}
}

var (
	oneClient = module.ImportChoice{
		ID: "rows", Title: "Rows of one client", Help: "Exports of invoices, and lists with several contacts, name a client in many rows.",
		Options: []module.ImportOption{{Value: "auto", Title: "Same name and email, or same name where contacts have columns of their own"}, {Value: "name", Title: "Same name"}, {Value: "email", Title: "Same name and email"}, {Value: "row", Title: "Each row is a client"}},
	}
	kindOf = module.ImportChoice{
		ID: "kind", Title: "Kind of client", Help: "Counts where no column says it.",
		Options: []module.ImportOption{{Value: "auto", Title: "As the name sounds"}, {Value: "household", Title: "Household"}, {Value: "company", Title: "Company"}},
	}
	unusable = module.ImportChoice{
		ID: "unusable", Title: "An email or phone that cannot be used",
		Options: []module.ImportOption{{Value: "refuse", Title: "Refuse the row"}, {Value: "drop", Title: "Leave it out and take the rest"}},
	}
	missing = module.ImportChoice{
		ID: "missing", Title: "A client that is not there yet",
		Options: []module.ImportOption{{Value: "add", Title: "Add it with its name"}, {Value: "refuse", Title: "Refuse the row"}},
	}
)

func names(line string) []string { return strings.Split(line, ", ") }

var clientNames = names("client, client name, customer, customer name, display name, company name, company, organization, organisation, organization name, account name, account, business name, household, family, bill to, customer full name, client company, kunde, kundenname, firma, cliente, name")

// placeFields are the parts of an address. What programs call them begins with many words; longer names win.
func placeFields(group string) []module.ImportField {
	return []module.ImportField{
		{ID: "address", Title: "Whole address in one cell", Group: group, Help: "Is cut into its parts.", Names: names("full address, billing full address, complete address, bill to address, mailing address, property address, service address, job address, site address, address")},
		{ID: "street", Title: "Street", Group: group, Names: names("street, street address, billing street, billing address, address line 1, address 1, address1, billing address line 1, billing address 1, bill to 1, street 1, street1, service street 1, billing street 1, property street, job street, straße, strasse, address")},
		{ID: "street2", Title: "Street, second line", Group: group, Names: names("street 2, street2, billing street2, billing street 2, address line 2, address 2, address2, billing address line 2, billing apt/suite, apt/suite, apt, suite, unit, service street 2, bill to 2")},
		{ID: "city", Title: "City", Group: group, Names: names("city, billing city, town, city/town, service city, property city, job city, ort, stadt, ville, suburb")},
		{ID: "region", Title: "State or region", Group: group, Names: names("state or region, state, region, province, billing state, billing state/province, province/state, state/province, state/region, billing province, service state, property state, job state, county, bundesland")},
		{ID: "postcode", Title: "Postal code", Group: group, Names: names("postal code, zip, zip code, postcode, billing code, billing zip, billing postal code, zip/postal code, postal/zip code, service zip, service postal code, property zip, job zip, plz, postleitzahl")},
		{ID: "country", Title: "Country", Group: group, Names: names("country, billing country, country/region, land, service country, pays")},
	}
}

var clientFields = slices.Concat([]module.ImportField{
	{ID: "name", Title: "Client", Needed: true, Or: []string{"contact_name", "contact_last", "contact_first"}, Help: "The household or company.", Names: clientNames},
	{ID: "contact_first", Title: "First name", Group: "Contact", Names: names("first name, firstname, first, given name, contact first name, main contact first name, primary contact first name, vorname, prénom")},
	{ID: "contact_last", Title: "Last name", Group: "Contact", Names: names("last name, lastname, last, surname, family name, contact last name, main contact last name, primary contact last name, nachname, nom")},
	{ID: "contact_name", Title: "Name", Group: "Contact", Help: "Or first and last name.", Names: names("main contact, contact, contact name, primary contact, contact person, full name, attention, billing attention, ansprechpartner")},
	{ID: "contact_title", Title: "Title", Group: "Contact", Names: names("contact title, job title, title, position, role, designation")},
	{ID: "contact_email", Title: "Email", Group: "Contact", Names: names("main contact's email, contact email, primary contact email, contact e-mail, email, e-mail, email address, emailid, main email, email 1, primary email, mail")},
	{ID: "contact_phone", Title: "Phone", Group: "Contact", Names: names("contact phone, main contact's phone, primary contact phone, mobile, mobile phone, mobilephone, cell, cell phone, phone, phone number")},
	{ID: "email", Title: "Email", Names: names("email, e-mail, client email, customer email, email address, main email, company email, emailid, billing email, e-mail address, email 1, primary email, mail")},
	{ID: "phone", Title: "Phone", Names: names("phone, main phone, phone number, telephone, tel, client phone, customer phone, work phone, company phone, office phone, home phone, phone numbers, billing phone, telefon, phone 1, primary phone")},
	{ID: "kind", Title: "Kind", Help: "Household or company.", Names: names("kind, client type, customer type, type, customer sub type, account type")},
	{ID: "notes", Title: "Internal notes", Help: "Clients never see them.", Names: names("internal notes, private notes, notes, note, comments, remarks, description, notizen")},
}, placeFields("Address"))

var contactFields = []module.ImportField{
	{ID: "client", Title: "Client", Needed: true, Or: []string{"name", "last"}, Help: "The household or company that the contact belongs to.", Names: clientNames},
	{ID: "first", Title: "First name", Names: names("first name, firstname, first, given name, contact first name, vorname, prénom")},
	{ID: "last", Title: "Last name", Names: names("last name, lastname, last, surname, family name, contact last name, nachname")},
	{ID: "name", Title: "Name", Help: "Or first and last name. With neither, the client's name is taken.", Names: names("contact, contact name, main contact, primary contact, full name, name, person, attention")},
	{ID: "title", Title: "Title", Names: names("title, job title, contact title, position, role, designation")},
	{ID: "email", Title: "Email", Names: names("email, e-mail, contact email, email address, emailid, main contact's email, primary contact email, primary email, main email, e-mail address, mail")},
	{ID: "phone", Title: "Phone", Names: names("phone, contact phone, phone number, mobile, mobile phone, mobilephone, cell, cell phone, telephone, work phone, main phone")},
	{ID: "notes", Title: "Internal notes", Help: "Clients never see them.", Names: names("internal notes, notes, note, private notes, comments")},
}

var projectFields = slices.Concat([]module.ImportField{
	{ID: "client", Title: "Client", Needed: true, Names: clientNames},
	{ID: "name", Title: "Project", Needed: true, Names: names("project, project name, job, job name, job title, title, name, event, event name, matter")},
	{ID: "key", Title: "Short name", Help: "In addresses; made of the name where there is none.", Names: names("short name, key, project key")},
	{ID: "status", Title: "Status", Names: names("status, project status, job status, stage, state of work, phase")},
	{ID: "starts_on", Title: "Start", Day: true, Names: names("start, start date, starts on, projected start, actual start, begin, date, event date, scheduled start")},
	{ID: "ends_on", Title: "End", Day: true, Names: names("end, end date, ends on, due date, completion date, projected completion, actual completion, finish, scheduled end")},
	{ID: "currency", Title: "Currency", Names: names("currency, currency code")},
	{ID: "summary", Title: "Summary", Help: "The client reads it once the project is shared.", Names: names("summary, description, scope, project description, job description")},
	{ID: "next_steps", Title: "Next steps", Names: names("next steps")},
	{ID: "notes", Title: "Internal notes", Help: "Clients never see them.", Names: names("internal notes, notes, private notes, note, comments")},
	{ID: "shared", Title: "Shared with the client", Help: "Yes or no; without it nothing is shared.", Names: names("shared with the client, shared")},
}, placeFields("Place"))

// fold is how names are compared.
func fold(name string) string { return strings.Join(strings.Fields(search.Fold(name)), " ") }

// addressIn reads the address of a row, whole or in parts.
func addressIn(row module.ImportRow) sheet.Address {
	a := sheet.Address{
		Street: row.Get("street"), City: row.Get("city"), Region: row.Get("region"), Postcode: row.Get("postcode"), Country: row.Get("country"),
	}
	if second := row.Get("street2"); second != "" {
		a.Street = strings.TrimPrefix(a.Street+", "+second, ", ")
	}
	whole := row.Get("address")
	if whole == "" && a.City+a.Region+a.Postcode == "" { // the whole of it in the cell of the street
		if cut := sheet.SplitAddress(a.Street); cut.City != "" && (cut.Postcode != "" || strings.Contains(a.Street, "\n")) {
			whole, a.Street = a.Street, ""
		}
	}
	if whole != "" {
		cut := sheet.SplitAddress(whole)
		for _, pair := range [][2]*string{{&a.Street, &cut.Street}, {&a.City, &cut.City}, {&a.Region, &cut.Region}, {&a.Postcode, &cut.Postcode}, {&a.Country, &cut.Country}} {
			if *pair[0] == "" {
				*pair[0] = *pair[1]
			}
		}
	}
	return a
}

// complain puts what a form has to say into the record, with the titles that people chose. drops are fields that may be
// left empty instead, when that was chosen.
func complain(r *module.Record, row int, wrong fault.Fields, titles map[string]string, drops map[string]*string) {
	for name, reason := range wrong {
		title := titles[name]
		if title == "" {
			title = strings.ToUpper(name[:1]) + name[1:]
		}
		value := ""
		if at := drops[name]; at != nil {
			value = *at
		}
		r.Refuse(row, title, reason, value)
	}
	slices.SortFunc(r.Wrong, func(a, b module.Problem) int { return strings.Compare(a.Field, b.Field) })
}

// spare empties what cannot be used and says so, where the person chose that; the other complaints stay.
func spare(r *module.Record, row int, s module.ImportSettings, wrong fault.Fields, titles map[string]string, values map[string]*string) {
	if s.Choices["unusable"] != "drop" {
		return
	}
	for name, at := range values {
		if reason := wrong[name]; reason != "" && *at != "" {
			r.Wrong = append(r.Wrong, module.Problem{Row: row, Field: titles[name], Reason: reason, Value: *at, Mild: true})
			*at = ""
			delete(wrong, name)
		}
	}
}
