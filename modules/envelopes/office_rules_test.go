package envelopes

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

func named(name string) uuid.UUID { return uuid.NewSHA1(uuid.Nil, []byte(name)) }

func TestWhatADraftLacks(t *testing.T) {
	ana := Recipient{ID: named("ana"), Name: "Ana", Role: Signer, Email: "ana@example.com"}
	whole := Envelope{
		Kind: Contract, Total: 100_00, Currency: "USD", ProjectID: named("p"), FileID: named("f"), Recipients: []Recipient{ana},
		Fields: []Field{{RecipientID: ana.ID, Kind: SignatureField}},
	}
	for name, c := range map[string]struct {
		change func(*Envelope)
		stages []Stage
		deaf   unreachable
		want   string
	}{
		"nothing":                 {},
		"the file":                {change: func(e *Envelope) { e.FileID = uuid.Nil }, want: "document itself"},
		"the amount":              {change: func(e *Envelope) { e.Total = 0 }, want: "amount"},
		"no amount of a proposal": {change: func(e *Envelope) { e.Kind, e.Total = Proposal, 0 }},
		"a change that lowers":    {change: func(e *Envelope) { e.Kind, e.Total = ChangeOrder, -5 }},
		"the project":             {change: func(e *Envelope) { e.ProjectID = uuid.Nil }, want: "project"},
		"no project for a paper":  {change: func(e *Envelope) { e.Kind, e.ProjectID, e.Total = Other, uuid.Nil, 0 }},
		"people":                  {change: func(e *Envelope) { e.Recipients = nil }, want: "who signs"},
		"anybody of the client":   {change: func(e *Envelope) { e.Recipients[0].Role = Countersigner }, want: "who signs"},
		"an address":              {change: func(e *Envelope) { e.Recipients[0].Email = "" }, want: "no mail address"},
		"access":                  {deaf: unreachable{ana.ID: "has no access any more."}, want: "Ana has no access"},
		"a place to sign":         {change: func(e *Envelope) { e.Fields = nil }, want: "Ana has no place to sign"},
		"a signature, not a date": {change: func(e *Envelope) { e.Fields[0].Kind = DateField }, want: "no place to sign"},
		"no place for approvers":  {change: func(e *Envelope) { e.Recipients[0].Role, e.Fields = Approver, nil }},
		"a schedule that fits":    {stages: []Stage{{Share: 3333}, {Share: 6667}}},
		"a schedule too large":    {stages: []Stage{{Share: 10000}, {Amount: 1}}, want: "more than the contract"},
	} {
		e := whole
		e.Recipients, e.Fields = slices.Clone(whole.Recipients), slices.Clone(whole.Fields)
		if c.change != nil {
			c.change(&e)
		}
		var said []string
		for _, l := range lacks(e, c.stages, c.deaf) {
			said = append(said, l.Text)
		}
		if all := strings.Join(said, " "); c.want == "" && all != "" || !strings.Contains(all, c.want) {
			t.Errorf("%s: %q", name, all)
		}
	}
}

func TestPeopleOfAForm(t *testing.T) {
	ana, ben := reader{ID: named("ana"), Name: "Ana", Email: "ana@example.com"}, reader{ID: named("ben"), Name: "Ben", Email: "ben@example.com", Staff: true}
	contact, staff := "contact:"+ana.ID.String(), "staff:"+ben.ID.String()
	for name, c := range map[string]struct {
		form  personForm
		wrong string // the field
		want  Recipient
	}{
		"a contact":               {form: personForm{Role: "signer", Order: "2", Who: contact}, want: Recipient{Role: Signer, Position: 2, ContactID: ana.ID, Name: "Ana", Email: "ana@example.com"}},
		"staff, at the end":       {form: personForm{Role: "countersigner", Order: "1", Who: staff}, want: Recipient{Role: Countersigner, Position: 1, PersonID: ben.ID, Name: "Ben", Email: "ben@example.com"}},
		"staff, a copy":           {form: personForm{Role: "copy", Who: staff}, want: Recipient{Role: Copy, Position: 1, PersonID: ben.ID, Name: "Ben", Email: "ben@example.com"}},
		"somebody else":           {form: personForm{Role: "viewer", Order: "1", Name: "Kim", Email: "kim@bank.example"}, want: Recipient{Role: Viewer, Position: 1, Name: "Kim", Email: "kim@bank.example"}},
		"a contact for the firm":  {form: personForm{Role: "countersigner", Who: contact}, wrong: "role-0"},
		"a stranger for the firm": {form: personForm{Role: "countersigner", Name: "Kim", Email: "kim@bank.example"}, wrong: "role-0"},
		"staff for the client":    {form: personForm{Role: "signer", Who: staff}, wrong: "role-0"},
		"a contact's id as staff": {form: personForm{Role: "copy", Who: "staff:" + ana.ID.String()}, wrong: "who-0"},
		"somebody else's contact": {form: personForm{Role: "signer", Who: "contact:" + named("omar").String()}, wrong: "who-0"},
		"no name":                 {form: personForm{Role: "signer", Email: "kim@bank.example"}, wrong: "name-0"},
		"no address":              {form: personForm{Role: "signer", Name: "Kim", Email: "Kim <kim@bank.example>"}, wrong: "email-0"},
		"staff by their address":  {form: personForm{Role: "signer", Name: "Ana", Email: "ben@example.com"}, wrong: "email-0"},
		"no role":                 {form: personForm{Role: "owner", Who: contact}, wrong: "role-0"},
		"no number":               {form: personForm{Role: "signer", Order: "first", Who: contact}, wrong: "order-0"},
	} {
		list, wrong := recipientsFrom([]personForm{c.form}, []reader{ana, ben}, nil)
		switch {
		case c.wrong != "" && wrong[c.wrong] == "":
			t.Errorf("%s: %v", name, wrong)
		case c.wrong == "" && (len(wrong) > 0 || len(list) != 1 || list[0].Name != c.want.Name || list[0].Email != c.want.Email || list[0].Role != c.want.Role ||
			list[0].Position != c.want.Position || list[0].ContactID != c.want.ContactID || list[0].PersonID != c.want.PersonID):
			t.Errorf("%s: %+v, %v", name, list, wrong)
		}
	}
	if _, wrong := recipientsFrom([]personForm{{Role: "signer", Who: contact}, {Role: "copy", Who: contact}}, []reader{ana}, nil); wrong["who-1"] == "" {
		t.Error("the same person twice")
	}
	if list, wrong := recipientsFrom([]personForm{{Role: "signer", Order: "1"}}, nil, nil); len(list) != 0 || len(wrong) != 0 {
		t.Errorf("a blank row: %v, %v", list, wrong)
	}
}

func TestFieldsOfAForm(t *testing.T) {
	ana, tom := Recipient{ID: named("ana"), Role: Signer}, Recipient{ID: named("tom"), Role: Approver}
	e := Envelope{Pages: 2, Recipients: []Recipient{ana, tom}}
	good := fieldForm{Who: ana.ID.String(), Kind: "signature", Page: "2", X: "10.5", Y: "80", W: "28", H: "7,2"}
	list, wrong := fieldsFrom([]fieldForm{good}, e)
	if len(wrong) > 0 || list[0].X != 1050 || list[0].Y != 8000 || list[0].W != 2800 || list[0].H != 720 || list[0].Page != 2 {
		t.Errorf("%+v, %v", list, wrong)
	}
	for name, c := range map[string]struct {
		change func(*fieldForm)
		wrong  string
	}{
		"an approver":      {func(f *fieldForm) { f.Who = tom.ID.String() }, "field_who-0"},
		"nobody":           {func(f *fieldForm) { f.Who = named("omar").String() }, "field_who-0"},
		"no such kind":     {func(f *fieldForm) { f.Kind = "stamp" }, "field_kind-0"},
		"page three":       {func(f *fieldForm) { f.Page = "3" }, "field_page-0"},
		"page zero":        {func(f *fieldForm) { f.Page = "0" }, "field_page-0"},
		"more than a page": {func(f *fieldForm) { f.X = "101" }, "field_x-0"},
		"a word":           {func(f *fieldForm) { f.H = "tall" }, "field_h-0"},
		"nothing":          {func(f *fieldForm) { f.W = "" }, "field_w-0"},
	} {
		f := good
		c.change(&f)
		if _, wrong := fieldsFrom([]fieldForm{f}, e); wrong[c.wrong] == "" {
			t.Errorf("%s: %v", name, wrong)
		}
	}
	over := good
	over.X, over.Y, over.W, over.H = "95", "99", "28", "0.1"
	list, _ = fieldsFrom([]fieldForm{over}, e)
	if f := list[0]; f.X+f.W > 10000 || f.Y+f.H > 10000 || f.H < leastHigh {
		t.Errorf("over the edge: %+v", f)
	}
}

func TestPaymentSchedulesComeToTheWhole(t *testing.T) {
	total := money.Of(100_01, "USD")
	for name, c := range map[string]struct {
		stages []Stage
		want   []int64
	}{
		"a third each":        {[]Stage{{Share: 3333}, {Share: 3333}, {Share: 3334}}, []int64{33_33, 33_33, 33_35}},
		"half and half":       {[]Stage{{Share: 5000}, {Share: 5000}}, []int64{50_01, 50_00}},
		"an amount and rest":  {[]Stage{{Amount: 25_00}, {Share: 5000}}, []int64{25_00, 50_01}},
		"nothing":             {nil, nil},
		"a tenth is no whole": {[]Stage{{Share: 1000}}, []int64{10_00}},
	} {
		each, all := planned(c.stages, total)
		var got []int64
		sum := int64(0)
		for _, one := range each {
			got, sum = append(got, one.Minor), sum+one.Minor
		}
		if !slices.Equal(got, c.want) || sum != all.Minor {
			t.Errorf("%s: %v, %v", name, got, all)
		}
	}
	for text, want := range map[string]int{"": 0, "On signing, 30%\n\nAt the end, 70 %": 2, "Half, done, 50%": 1, "On signing": -1, ", 30%": -1, "On signing, 130%": -1, "On signing, lots": -1} {
		if stages, problem := parseStages(text); (problem != "") != (want < 0) || want >= 0 && len(stages) != want {
			t.Errorf("%q: %v, %q", text, stages, problem)
		}
	}
}

func TestDeadlinesAndRemindersByThemselves(t *testing.T) {
	zone := time.FixedZone("there", -6*3600)
	now := time.Date(2026, 11, 26, 23, 30, 0, 0, zone)
	e := Envelope{DeadlineDays: 2, RemindDays: 3}
	for role, want := range map[Role]string{Signer: "2026-11-28 23:59:59", Approver: "2026-11-28 23:59:59", Countersigner: "", Viewer: "", Copy: ""} {
		until, got := deadline(e, Recipient{Role: role}, now, zone), ""
		if !until.IsZero() {
			got = until.In(zone).Format(time.DateTime)
		}
		if got != want {
			t.Errorf("%s: %s", role, got)
		}
	}
	if !deadline(Envelope{}, Recipient{Role: Signer}, now, zone).IsZero() {
		t.Error("without days there is no deadline")
	}
	asked := now.AddDate(0, 0, -3)
	for name, c := range map[string]struct {
		r    Recipient
		days int
		want bool
	}{
		"three days ago":      {Recipient{NotifiedAt: asked}, 3, true},
		"a moment less":       {Recipient{NotifiedAt: asked.Add(time.Second)}, 3, false},
		"never":               {Recipient{NotifiedAt: asked}, 0, false},
		"not asked":           {Recipient{}, 3, false},
		"reminded since":      {Recipient{NotifiedAt: asked.AddDate(0, 0, -9), RemindedAt: asked.AddDate(0, 0, 1)}, 3, false},
		"reminded long since": {Recipient{NotifiedAt: asked.AddDate(0, 0, -9), RemindedAt: asked}, 3, true},
		"often enough":        {Recipient{NotifiedAt: asked, Reminders: mostReminders}, 3, false},
	} {
		if got := due(Envelope{RemindDays: c.days}, c.r, now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWordsAreFilledIn(t *testing.T) {
	e := Envelope{ClientName: "Stars *& Co*", ProjectName: "Maple Street", Title: "The contract", Kind: Contract}
	words := fillingOf(&web.Here{Now: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)}, e, account{Street: "1 Main St", City: "Austin"})
	got := words.text("For {{client}} at {{ address }}.\n\n{{prices}}", filling{"prices": "{prices}"})
	if !strings.Contains(got, `Stars \*`) || !strings.Contains(got, `1 Main St\, Austin`) || !strings.HasSuffix(got, "{prices}") {
		t.Error(got)
	}
	for text, want := range map[string]string{"{{client}}": "", "{{nobody}}": "nobody", "{{ title }} {{x1}}": "x1", "{client}": "", "{{ }}": ""} {
		if got := unknownPlace(text); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	for title, want := range map[string]string{"{{project}}: contract": "Maple Street: contract", "{{firm}}": "Contract"} {
		if got := titleFrom(title, e); got != want {
			t.Errorf("%s: %q", title, got)
		}
	}
	if got := titleFrom("{{project}}: contract", Envelope{Kind: Contract}); got != "Contract" {
		t.Errorf("without a project: %q", got)
	}
	for _, b := range builtins {
		if wrong := (&templateForm{Kind: b.Kind, Name: b.Name, Title: b.Title, Body: b.Body, Stages: b.Stages}).Check(); len(wrong) > 0 {
			t.Errorf("%s: %v", b.Name, wrong)
		}
	}
}

func TestTheFormsOfDraftsSayWhatIsWrong(t *testing.T) {
	e := Envelope{Source: "template", Currency: "USD"}
	for name, c := range map[string]struct {
		form  draftForm
		wrong string
	}{
		"good":               {form: draftForm{Kind: Contract, Title: "x", Body: "x", Amount: "1,000"}},
		"no text":            {form: draftForm{Kind: Contract, Title: "x"}, wrong: "body"},
		"an unknown place":   {form: draftForm{Kind: Contract, Title: "x", Body: "{{sum}}"}, wrong: "body"},
		"less than nothing":  {form: draftForm{Kind: Contract, Title: "x", Body: "x", Amount: "-1"}, wrong: "amount"},
		"a change may":       {form: draftForm{Kind: ChangeOrder, Title: "x", Body: "x", Amount: "-1"}},
		"no number":          {form: draftForm{Kind: Contract, Title: "x", Body: "x", Amount: "lots"}, wrong: "amount"},
		"a line without sum": {form: draftForm{Kind: Contract, Title: "x", Body: "x", Lines: []lineForm{{Text: "Work"}}}, wrong: "price-0"},
		"a line's tax":       {form: draftForm{Kind: Contract, Title: "x", Body: "x", Lines: []lineForm{{Text: "Work", Price: "1", Tax: "120"}}}, wrong: "tax-0"},
		"share and amount":   {form: draftForm{Kind: Contract, Title: "x", Body: "x", Stages: []stageForm{{Title: "x", Share: "10", Amount: "5"}}}, wrong: "stage_amount-0"},
		"neither":            {form: draftForm{Kind: Contract, Title: "x", Body: "x", Stages: []stageForm{{Title: "x"}}}, wrong: "share-0"},
		"a day of the moon":  {form: draftForm{Kind: Contract, Title: "x", Body: "x", Stages: []stageForm{{Title: "x", Share: "10", DueOn: "soon"}}}, wrong: "due-0"},
		"no schedule there":  {form: draftForm{Kind: Proposal, Title: "x", Body: "x", Stages: []stageForm{{Title: "x"}}}},
	} {
		_, wrong := c.form.read(e, "en-US")
		if c.wrong == "" && len(wrong) > 0 || c.wrong != "" && wrong[c.wrong] == "" {
			t.Errorf("%s: %v", name, wrong)
		}
	}
	if err := together(errMoved, fault.Fields{"a": "b"}); !fault.Is(err, fault.Bad) {
		t.Errorf("%v", err)
	}
}
