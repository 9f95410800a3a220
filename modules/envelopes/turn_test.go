package envelopes

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestWhoseTurnItIs(t *testing.T) {
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	who := func(name string, role Role, position int, change ...func(*Recipient)) Recipient {
		r := Recipient{ID: uuid.NewSHA1(uuid.Nil, []byte(name)), Name: name, Role: role, Position: position}
		for _, fn := range change {
			fn(&r)
		}
		return r
	}
	signed := func(r *Recipient) { r.SignedAt = now }
	opened := func(r *Recipient) { r.OpenedAt = now }
	late := func(r *Recipient) { r.ExpiresAt = now }
	forwarded := func(r *Recipient) { r.ForwardedID = uuid.New() }
	for name, c := range map[string]struct {
		ordered bool
		status  Status
		all     []Recipient
		turn    string
		step    Step
		over    bool
	}{
		"at once":                           {all: []Recipient{who("ana", Signer, 1), who("tom", Signer, 2), who("vic", Viewer, 1)}, turn: "ana tom", step: StepSent},
		"in order":                          {ordered: true, all: []Recipient{who("tom", Signer, 2), who("ana", Signer, 1, opened)}, turn: "ana", step: StepViewed},
		"the next one":                      {ordered: true, all: []Recipient{who("ana", Signer, 1, signed), who("tom", Approver, 2)}, turn: "tom", step: StepPartly},
		"two at the same place":             {ordered: true, all: []Recipient{who("ana", Signer, 1), who("tom", Signer, 1), who("eve", Signer, 2)}, turn: "ana tom", step: StepSent},
		"the firm last, whatever its place": {all: []Recipient{who("pat", Countersigner, 1), who("ana", Signer, 9)}, turn: "ana", step: StepSent},
		"the firm now":                      {all: []Recipient{who("pat", Countersigner, 1), who("ana", Signer, 9, signed)}, turn: "pat", step: StepClients},
		"one late, the other goes on":       {all: []Recipient{who("ana", Signer, 1, late), who("tom", Signer, 1)}, turn: "tom", step: StepSent},
		"one late in order holds it up":     {ordered: true, all: []Recipient{who("ana", Signer, 1, late), who("tom", Signer, 2)}, turn: "", step: StepExpired},
		"handed over":                       {ordered: true, all: []Recipient{who("ana", Signer, 1, forwarded), who("sue", Signer, 1)}, turn: "sue", step: StepSent},
		"all have signed":                   {all: []Recipient{who("ana", Signer, 1, signed), who("kit", Copy, 1)}, turn: "", step: StepExpired, over: true},
		"a draft":                           {status: Draft, all: []Recipient{who("ana", Signer, 1)}, turn: "", step: StepDraft},
		"declined":                          {status: Declined, all: []Recipient{who("ana", Signer, 1)}, turn: "", step: StepDeclined},
	} {
		e := Envelope{Status: Sent, Ordered: c.ordered, Recipients: c.all}
		if c.status != "" {
			e.Status = c.status
		}
		var names []string
		for _, r := range turn(e, now) {
			names = append(names, r.Name)
			if !may(e, r, now) {
				t.Errorf("%s: %s may not act", name, r.Name)
			}
		}
		if got := strings.Join(names, " "); got != c.turn || e.step(now) != c.step || finished(e) != c.over {
			t.Errorf("%s: turn %q, %s, finished %t; want %q, %s, %t", name, got, e.step(now), finished(e), c.turn, c.step, c.over)
		}
	}
}

func TestAnEventCannotBeChangedUnnoticed(t *testing.T) {
	var all []Event
	var head []byte
	for i, kind := range []string{"created", "sent", "signed"} {
		e := Event{EnvelopeID: uuid.NewSHA1(uuid.Nil, nil), N: i + 1, Kind: kind, At: time.Unix(int64(i), 0), Name: "Ana", Email: "ana@example.com", Prev: head}
		e.Hash = e.seal()
		all, head = append(all, e), e.Hash
	}
	if !chained(all, head) {
		t.Fatal("a sound chain counts as broken")
	}
	for name, change := range map[string]func(){
		"a word":          func() { all[1].Name = "Bob" },
		"parts moved":     func() { all[1].Name, all[1].Email = "Anaana", "@example.com" },
		"a time":          func() { all[1].At = all[1].At.Add(time.Microsecond) },
		"one left out":    func() { all = append(all[:1:1], all[2:]...) },
		"the end missing": func() { all = all[:2] },
		"made anew":       func() { all[1].Name = "Bob"; all[1].Hash = all[1].seal() },
	} {
		was := append([]Event(nil), all...)
		change()
		if chained(all, head) {
			t.Errorf("%s: nobody notices", name)
		}
		all = was
	}
}
