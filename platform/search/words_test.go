package search_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth/authtest"
	"portico/platform/search"
)

func TestMain(m *testing.M) { os.Exit(authtest.Main(m)) }

func TestWhatIsStoredAndWhatIsTypedMeet(t *testing.T) {
	for _, c := range []struct {
		stored string
		typed  []string
	}{
		{"Jana Nováková", []string{"nova", "NOVÁ", "jana n", "nováková"}},
		{"Ana & Tom Rivera", []string{"ana tom", "riv", "a&t"}},
		{"O’Brien + Søn GmbH", []string{"o'brien", "OBr", "son", "søn"}},
		{"Ελένη Παπαδοπούλου", []string{"ελενη", "παπα"}},
		{"ana.rivera@example.com", []string{"ana.rivera@ex", "rivera"}},
		{"Straße 12", []string{"strasse", "straße 12"}},
	} {
		words := search.Words(c.stored)
		for _, typed := range c.typed {
			for _, want := range search.Typed(typed) {
				from, to := search.Beginning(want)
				if !slices.ContainsFunc(words, func(w string) bool { return w >= from && w < to }) {
					t.Errorf("%q does not find %q: %v", typed, c.stored, words)
				}
			}
		}
	}
}

func TestAPhoneIsFoundFromEachOfItsGroups(t *testing.T) {
	got := search.Phone("+1 (512) 555-0141")
	want := []string{"15125550141", "5125550141", "5550141", "0141"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestClientsAreFoundByTheirContacts(t *testing.T) {
	story, other := authtest.New(t), authtest.New(t)
	find := func(firm uuid.UUID, word string) (found []uuid.UUID) {
		authtest.In(t, firm, func(ctx context.Context, tx bun.Tx) error {
			from, to := search.Beginning(word)
			return tx.NewRaw("select distinct client_id from client_word where firm_id = ? and word >= ? and word < ?", firm, from, to).Scan(ctx, &found)
		})
		return found
	}
	for _, firm := range []uuid.UUID{story.Firm, other.Firm} {
		authtest.In(t, firm, func(ctx context.Context, tx bun.Tx) error { return search.Index(ctx, tx, firm) })
	}
	if got := find(story.Firm, "ana"); !slices.Equal(got, []uuid.UUID{story.Harts}) {
		t.Errorf("ana finds %v", got)
	}
	authtest.In(t, story.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("update contact set email = 'fresh@hart.example' where firm_id = ? and id = ?", story.Firm, story.Ana).Exec(ctx)
		if err != nil {
			return err
		}
		return search.IndexContact(ctx, tx, story.Firm, story.Ana)
	})
	if got := find(story.Firm, "fresh"); !slices.Equal(got, []uuid.UUID{story.Harts}) {
		t.Errorf("fresh finds %v", got)
	}
	if got := find(other.Firm, "fresh"); len(got) != 0 {
		t.Errorf("the other firm's words changed: %v", got)
	}
}
