package envelopes

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/web"
)

// rowsOf are a contact's documents: what waits for them first, the nearest deadline on top, then what is under way, then
// what is done, the newest first.
func rowsOf(ctx context.Context, tx bun.IDB, here *web.Here, now time.Time) ([]row, error) {
	list, err := mine(ctx, tx, here.Viewer)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, e := range list {
		if one, ok := rowOf(here, e, now); ok {
			rows = append(rows, one)
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		if a.Group != b.Group {
			return rank(a.Group) - rank(b.Group)
		}
		if a.Group == "waiting" && !a.Until.Equal(b.Until) {
			switch {
			case a.Until.IsZero():
				return 1
			case b.Until.IsZero():
				return -1
			}
			return a.Until.Compare(b.Until)
		}
		return 0
	})
	return rows, nil
}

func rank(group string) int {
	return slices.IndexFunc(groups, func(g struct{ id, title string }) bool { return g.id == group })
}

func rowOf(here *web.Here, e Envelope, now time.Time) (row, bool) {
	me, ok := e.own(ownedBy(here.Viewer), now)
	if !ok {
		return row{}, false
	}
	one := row{Envelope: e, Mood: seat{Envelope: e, Me: me}.mood(now), Title: e.Title, Href: here.Path("envelopes", e.ID)}
	for _, r := range e.Recipients {
		if r.Role.Acts() && r.ForwardedID == uuid.Nil {
			one.Of++
			if !r.SignedAt.IsZero() {
				one.Signed++
			}
		}
	}
	one.Group, one.State, one.Kind = "done", here.Say(e.step(now).Title()), e.step(now).Mark()
	switch one.Mood {
	case toSign:
		one.Group, one.State, one.Kind, one.Until = "waiting", here.Say("To sign"), "sign", me.ExpiresAt
		if me.Role == Approver {
			one.State = here.Say("To approve")
		}
		if !here.Viewer.May(sign) {
			one.Group = "open"
		}
	case toWait:
		one.Group, one.State, one.Kind = "open", here.Say("Others sign first"), "info"
	case toRead:
		one.Group, one.State, one.Kind = "open", here.Say("To read"), "info"
	case hasSigned:
		one.Group, one.State, one.Kind = "open", here.Say("You have signed"), "info"
		if me.Role == Approver {
			one.State = here.Say("You have approved")
		}
	case allSigned:
		one.Group, one.State = "open", here.Say("All have signed")
	case isLate:
		one.Group, one.State, one.Kind = "open", here.Say("Your time is over"), "late"
	case isPassed:
		if e.Open() {
			one.Group, one.State, one.Kind = "open", here.Say("Handed over"), "muted"
		}
	case isDone:
		one.State = here.Say("Signed by all")
	}
	return one, true
}

// deeds are what is asked for, in words that say what it is about.
func deed(here *web.Here, e Envelope, me Recipient) string {
	verb := "Sign: %s"
	if me.Role == Approver {
		verb = "Approve: %s"
	}
	return here.Say(verb, here.Say(map[Kind]string{
		Contract: "your contract", ChangeOrder: "change to your contract", Proposal: "our proposal", Deposit: "deposit agreement", Design: "the design",
		Other: e.Title,
	}[e.Kind]))
}

// matches reports whether all words that were typed begin a word of what the document is called.
func matches(e Envelope, typed string) bool {
	words := strings.Fields(strings.ToLower(e.Title + " " + e.Kind.Title() + " " + e.ProjectName))
	for _, want := range strings.Fields(strings.ToLower(typed)) {
		if !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(strings.Trim(word, "“”\"'(),.:"), want) }) {
			return false
		}
	}
	return strings.TrimSpace(typed) != ""
}

// mine are the newest of a contact's envelopes, with their recipients. A contact has few: they are sorted here.
func mine(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Envelope, error) {
	list, err := newest(ctx, tx, v, mostRows)
	if err != nil || len(list) == 0 {
		return list, err
	}
	ids := make([]uuid.UUID, len(list))
	at := map[uuid.UUID]int{}
	for i, e := range list {
		ids[i], at[e.ID] = e.ID, i
	}
	all, err := listedOf(ctx, tx, v, ids)
	for _, r := range all {
		i := at[r.EnvelopeID]
		list[i].Recipients = append(list[i].Recipients, r)
	}
	return list, err
}

const mostRows = 1000
