package envelopes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
)

func strokes(t *testing.T, strokes [][][2]int) string {
	t.Helper()
	text, err := json.Marshal(strokes)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestInk(t *testing.T) {
	many := make([][2]int, mostPoints+1)
	for i := range many {
		many[i] = [2]int{i % 10000, 5000}
	}
	dots := make([][][2]int, mostStrokes+1)
	for i := range dots {
		dots[i] = [][2]int{{i * 10, 100}, {i*10 + 5, 2000}}
	}
	good := strokes(t, [][][2]int{{{1000, 5000}, {2000, 4000}, {3000, 6000}}, {}, {{5000, 5000}, {5100, 5200}}})
	for name, c := range map[string]struct {
		kind, text, strokes string
		longest             int
		fine                bool
	}{
		"typed":                 {"typed", " Ana   Rivera ", "", longestName, true},
		"in another script":     {"typed", "山田太郎", "", longestName, true},
		"empty":                 {"typed", "  ", "", longestName, false},
		"one letter":            {"typed", "A", "", longestName, false},
		"initials":              {"typed", "A", "", longestShort, true},
		"initials too long":     {"typed", "ABCDEFGHI", "", longestShort, false},
		"no letters":            {"typed", "---", "", longestName, false},
		"too long":              {"typed", strings.Repeat("a", longestName+1), "", longestName, false},
		"the longest contact":   {"typed", strings.Repeat("a", 120), "", longestName, true},
		"controls":              {"typed", "Ana\u202eRivera", "", longestName, false},
		"drawn":                 {"drawn", "", good, longestName, true},
		"nothing drawn":         {"drawn", "Ana", "", longestName, false},
		"no strokes":            {"drawn", "", "[]", longestName, false},
		"empty strokes":         {"drawn", "", "[[],[]]", longestName, false},
		"a dot":                 {"drawn", "", strokes(t, [][][2]int{{{5000, 5000}, {5001, 5001}, {5002, 5000}}}), longestName, false},
		"beyond the box":        {"drawn", "", strokes(t, [][][2]int{{{1, 1}, {20000, 4}, {3, 3}}}), longestName, false},
		"before the box":        {"drawn", "", strokes(t, [][][2]int{{{-1, 1}, {200, 4}, {3000, 3}}}), longestName, false},
		"too many points":       {"drawn", "", strokes(t, [][][2]int{many}), longestName, false},
		"too many strokes":      {"drawn", "", strokes(t, dots), longestName, false},
		"a fraction":            {"drawn", "", "[[[1.5,2],[2000,3],[4,4000]]]", longestName, false},
		"three numbers a point": {"drawn", "", `[[{"x":1}]]`, longestName, false},
		"no JSON":               {"drawn", "", "<svg>", longestName, false},
		"too many bytes":        {"drawn", "", strings.Repeat(" ", mostInkBytes) + good, longestName, false},
		"neither":               {"", "Ana Rivera", good, longestName, false},
		"a picture":             {"image", "Ana Rivera", good, longestName, false},
	} {
		ink, wrong := inkOf(c.kind, c.text, c.strokes, c.longest)
		if (wrong == "") != c.fine || (ink != nil) != c.fine {
			t.Errorf("%s: %v, %q", name, ink, wrong)
		}
	}
	ink, _ := inkOf("drawn", "", good, longestName)
	if back, _ := inkOf("drawn", "", ink.Drawing(), longestName); len(back.Strokes) != 2 {
		t.Errorf("a drawing does not come back: %v", back)
	}
}

func TestWhatASignersFormMustSay(t *testing.T) {
	text, tick, free := Field{ID: uuid.New(), Kind: TextField, Label: "Colour", Required: true}, Field{ID: uuid.New(), Kind: CheckboxField, Required: true}, Field{ID: uuid.New(), Kind: TextField}
	place, short := Field{ID: uuid.New(), Kind: SignatureField, Required: true}, Field{ID: uuid.New(), Kind: InitialsField}
	all := []Field{text, tick, free, place, short, {ID: uuid.New(), Kind: DateField}}
	whole := func() answer {
		return answer{Read: true, Consent: true, Confirm: true, Kind: "typed", Text: "Ana Rivera", InitialsKind: "typed", InitialsText: "AR",
			Values: map[uuid.UUID]string{text.ID: "Red", tick.ID: "x"}}
	}
	for name, c := range map[string]struct {
		spoil func(*answer)
		role  Role
		wrong string
	}{
		"all of it":         {func(*answer) {}, Signer, ""},
		"not read":          {func(a *answer) { a.Read = false }, Signer, "read"},
		"no consent":        {func(a *answer) { a.Consent = false }, Signer, "consent"},
		"not meant":         {func(a *answer) { a.Confirm = false }, Signer, "confirm"},
		"no name":           {func(a *answer) { a.Text = "" }, Signer, "signature_text"},
		"empty pad":         {func(a *answer) { a.Kind = "drawn" }, Signer, "signature_pad"},
		"no initials":       {func(a *answer) { a.InitialsText = "" }, Signer, "initials_text"},
		"a field is empty":  {func(a *answer) { a.Values[text.ID] = "" }, Signer, fieldName(text.ID)},
		"two lines":         {func(a *answer) { a.Values[text.ID] = "a\nb" }, Signer, fieldName(text.ID)},
		"too long":          {func(a *answer) { a.Values[free.ID] = strings.Repeat("ä", longestValue+1) }, Signer, fieldName(free.ID)},
		"a box is not tick": {func(a *answer) { delete(a.Values, tick.ID) }, Signer, fieldName(tick.ID)},
	} {
		a := whole()
		c.spoil(&a)
		wrong := a.check(Recipient{Role: c.role}, all)
		if c.wrong == "" && len(wrong) > 0 || c.wrong != "" && (len(wrong) != 1 || wrong[c.wrong] == "") {
			t.Errorf("%s: %v", name, wrong)
		}
	}
	a := whole()
	a.Text = ""
	if wrong := a.check(Recipient{Role: Approver}, []Field{text, tick}); len(wrong) > 0 || a.signature != nil {
		t.Errorf("who approves draws nothing: %v", wrong)
	}
	a = answer{}
	a.take([]Field{text}, func(name string) string { return "value of " + name })
	if len(a.Values) != 1 {
		t.Errorf("only own fields are read: %v", a.Values)
	}
}

func TestWhatADocumentIsToARecipient(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	ana, tom, eve := Recipient{ID: uuid.New(), Role: Signer, Position: 1}, Recipient{ID: uuid.New(), Role: Signer, Position: 2}, Recipient{ID: uuid.New(), Role: Viewer}
	signed, late, passed := ana, ana, ana
	signed.SignedAt, late.ExpiresAt, passed.ForwardedID = now, now, tom.ID
	for name, c := range map[string]struct {
		status Status
		me     Recipient
		others []Recipient
		want   mood
	}{
		"her turn":       {Sent, ana, []Recipient{tom}, toSign},
		"not yet":        {Sent, tom, []Recipient{ana}, toWait},
		"after her":      {Sent, tom, []Recipient{signed}, toSign},
		"she has signed": {Sent, signed, []Recipient{tom}, hasSigned},
		"too late":       {Sent, late, []Recipient{tom}, isLate},
		"reads along":    {Sent, eve, []Recipient{ana}, toRead},
		"handed over":    {Sent, passed, []Recipient{tom}, isPassed},
		"void":           {Void, ana, nil, isVoid},
		"declined":       {Declined, signed, nil, isRefused},
		"sealing":        {Sealing, signed, nil, allSigned},
		"complete":       {Complete, signed, nil, isDone},
		"handed, void":   {Void, passed, nil, isPassed},
	} {
		e := Envelope{Status: c.status, Ordered: true, Recipients: append([]Recipient{c.me}, c.others...)}
		if got := (seat{Envelope: e, Me: c.me}).mood(now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	twice := Envelope{Status: Sent, Recipients: []Recipient{{ID: eve.ID, Role: Copy}, signed, {ID: tom.ID, Role: Signer}}}
	if me, ok := twice.own(func(Recipient) bool { return true }, now); !ok || me.ID != tom.ID {
		t.Errorf("who is named twice acts where it is their turn: %v", me)
	}
}

// The words that people agree to stand behind a number in the certificate: other words need another number, and the old ones
// stay in docs/client-guide.md.
func TestTheAgreementIsTheOneWithItsNumber(t *testing.T) {
	sum := sha256.Sum256([]byte(strings.Join(agreement(auth.Firm{Name: "Firm", Email: "mail", Phone: "phone"}), "\n")))
	known := map[string]string{"1": "366fc990e43e036f"}
	if got := hex.EncodeToString(sum[:8]); known[agreementNo] != got {
		t.Errorf("agreement %s has the words %s, known is %s", agreementNo, got, known[agreementNo])
	}
}

func TestMaskedAddresses(t *testing.T) {
	for email, want := range map[string]string{"ana@example.com": "a•••@example.com", "é@x.org": "é•••@x.org", "": "", "nobody": ""} {
		if got := masked(email); got != want {
			t.Errorf("%q: %q", email, got)
		}
	}
}

func TestWhoIsBarredFromALink(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		s    standing
		as   Role
		want bool
	}{
		"may sign":         {standing{Access: "portal", Rights: []string{"sign_documents"}}, Signer, false},
		"may not":          {standing{Access: "portal", Rights: []string{"view_invoices"}}, Signer, true},
		"has no portal":    {standing{Access: "none"}, Signer, false},
		"only reads":       {standing{Access: "portal"}, Viewer, false},
		"is disabled":      {standing{Access: "portal", Rights: []string{"sign_documents"}, DisabledAt: now}, Signer, true},
		"disabled, reads":  {standing{Access: "portal", DisabledAt: now}, Viewer, true},
		"is archived":      {standing{Access: "none", ArchivedAt: now}, Signer, true},
		"approves, no way": {standing{Access: "portal"}, Approver, true},
	} {
		if got := c.s.barred(c.as); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWhoIsToldThatSomebodyDeclined(t *testing.T) {
	now, maria := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), uuid.New()
	ana, tom, eve := Recipient{ID: uuid.New(), Role: Signer, NotifiedAt: now}, Recipient{ID: uuid.New(), Role: Signer, NotifiedAt: now}, Recipient{ID: uuid.New(), Role: Viewer, NotifiedAt: now}
	later, firm, gone := Recipient{ID: uuid.New(), Role: Signer}, Recipient{ID: uuid.New(), Role: Countersigner, PersonID: maria, NotifiedAt: now}, Recipient{ID: uuid.New(), Role: Signer, NotifiedAt: now, ForwardedID: ana.ID}
	told := declinedTo(Envelope{Recipients: []Recipient{ana, tom, eve, later, firm, gone}}, ana.ID, []teller{{PersonID: maria}})
	if len(told) != 2 || told[0].To != tom.ID || told[1].To != eve.ID || told[0].Recipient != ana.ID {
		t.Errorf("%v", told)
	}
}
