package comment_test

import (
	"context"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/authtest"
	"portico/platform/comment"
	"portico/platform/db/paging"
	"portico/platform/fault"
	"portico/platform/id"
)

func TestMain(m *testing.M) { os.Exit(authtest.Main(m)) }

func TestLinesShowBreaksAndLinks(t *testing.T) {
	got := comment.Lines("See https://tiles.example/a?b=1, or (http://x.example).\n\nThanks <b>")
	want := [][]comment.Piece{
		{{Text: "See "}, {Text: "https://tiles.example/a?b=1", Href: "https://tiles.example/a?b=1"}, {Text: ", or ("}, {Text: "http://x.example", Href: "http://x.example"}, {Text: ")."}},
		nil,
		{{Text: "Thanks <b>"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if got := comment.Lines("javascript:alert(1)"); got[0][0].Href != "" {
		t.Errorf("%q became a link", got)
	}
}

func TestCommentsAreReadByWhomTheyAreMeantFor(t *testing.T) {
	s := authtest.New(t)
	ana, ben := s.AnaViewer(), s.Office(s.Max, access.Member)
	ana.Projects = []auth.Project{{ID: s.Kitchen}}
	about := comment.Thing{Section: "help", ID: id.New(), ClientID: ana.ClientID, ProjectID: ana.Projects[0].ID}
	add := func(v auth.Viewer, text string, internal bool) comment.Comment {
		t.Helper()
		var c comment.Comment
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			c, _, err = comment.Add(ctx, tx, v, about, comment.Form{Text: text, Internal: internal})
			return err
		})
		return c
	}
	read := func(v auth.Viewer) string {
		t.Helper()
		var texts []string
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			page, err := comment.Of(ctx, tx, v, "help", about.ID, paging.Place{})
			for _, c := range page.List {
				texts = append(texts, c.Text)
			}
			return err
		})
		return strings.Join(texts, "|")
	}
	waiting := func() (n int) {
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			list, err := comment.Unanswered(ctx, tx, ben, "help", 10)
			n = len(list)
			return err
		})
		return n
	}
	hers := add(ana, "Is this our tile?", true) // a client has no secrets from itself
	if hers.Internal {
		t.Error("a client's comment is for staff only")
	}
	if waiting() != 1 {
		t.Error("nobody is waiting for an answer")
	}
	add(ben, "she means the blue one", true)
	if waiting() != 1 {
		t.Error("a note for staff counts as an answer")
	}
	his := add(ben, "Yes it is.", false)
	if again := add(ben, "Yes it is.", false); again.ID != his.ID {
		t.Error("a form that was sent twice was kept twice")
	}
	if waiting() != 0 {
		t.Error("an answered question still waits")
	}
	if got := read(ana); got != "Is this our tile?|Yes it is." {
		t.Errorf("the client reads %q", got)
	}
	for _, c := range []struct {
		v    auth.Viewer
		want int
	}{{ana, 2}, {ben, 3}} {
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			n, err := comment.Counts(ctx, tx, c.v, "help", []uuid.UUID{about.ID})
			if n[about.ID] != c.want {
				t.Errorf("%s: %v comments", c.v.Side, n)
			}
			return err
		})
	}
	if got := read(ben); got != "Is this our tile?|she means the blue one|Yes it is." {
		t.Errorf("staff read %q", got)
	}
	for name, v := range map[string]auth.Viewer{
		"nobody":         {Firm: ana.Firm},
		"another client": {Side: auth.Portal, Firm: ana.Firm, ClientID: id.New(), Projects: ana.Projects},
		"another firm":   auth.System(authtest.New(t).Firm),
	} {
		if got := read(v); got != "" {
			t.Errorf("%s reads %q", name, got)
		}
	}
	off := ana
	off.Projects = []auth.Project{{ID: about.ProjectID, Switches: access.Switches{"help": false}}}
	if got := read(off); got != "" {
		t.Errorf("where the section is off she reads %q", got)
	}
	err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := comment.Withdraw(ctx, tx, ana, "help", about.ID, his.ID)
		return err
	})
	if !fault.Is(err, fault.Missing) {
		t.Errorf("she takes back what he said: %v", err)
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := comment.Withdraw(ctx, tx, ben, "help", about.ID, his.ID)
		return err
	})
	if got := read(ana); got != "Is this our tile?" {
		t.Errorf("after it was withdrawn the client reads %q", got)
	}
	if got := read(ben); got != "Is this our tile?|she means the blue one|" {
		t.Errorf("after it was withdrawn staff read %q", got)
	}
	looking := ana
	looking.ViewAs = uuid.New()
	for _, f := range []comment.Form{{}, {Text: strings.Repeat("a", comment.Longest+1)}} {
		err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			_, _, err := comment.Add(ctx, tx, ana, about, f)
			return err
		})
		if !fault.Is(err, fault.Bad) {
			t.Errorf("%d characters: %v", len(f.Text), err)
		}
	}
	err = authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, _, err := comment.Add(ctx, tx, looking, about, comment.Form{Text: "x"})
		return err
	})
	if !fault.Is(err, fault.Missing) {
		t.Errorf("a preview says something: %v", err)
	}
}

// said writes many comments of Ana's and of staff by turns, a minute apart, the last one just now.
func said(t *testing.T, s authtest.Story, about comment.Thing, many int) {
	t.Helper()
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(`
			insert into comment (firm_id, id, client_id, project_id, section, thing_id, person_id, text, created_at)
			select ?, gen_random_uuid(), ?, ?, ?, ?, ?, 'No. ' || n, now() - (? - n) * interval '1 minute' from generate_series(1, ?) n`,
			s.Firm, about.ClientID, about.ProjectID, about.Section, about.ID, s.Max, many, many).Exec(ctx)
		return err
	})
}

// TestAllThatWasSaidIsRead turns over a long talk: the latest is read first, and all of it can be.
func TestAllThatWasSaidIsRead(t *testing.T) {
	s := authtest.New(t)
	ben := s.Office(s.Max, access.Member)
	about := comment.Thing{Section: "help", ID: id.New(), ClientID: s.AnaViewer().ClientID, ProjectID: s.Kitchen}
	said(t, s, about, 250)
	page := func(address string) (p comment.Page) {
		t.Helper()
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			p, err = comment.Of(ctx, tx, ben, "help", about.ID, paging.PlaceOf(u.Query().Get("after"), u.Query().Get("before")))
			return err
		})
		return p
	}
	const action = "/office/logs/1/comments"
	var got []string
	for _, want := range []string{"No. 151 No. 250", "No. 51 No. 150", "No. 1 No. 50", "No. 51 No. 150", "No. 151 No. 250"} {
		address := action
		if len(got) > 0 {
			address = got[len(got)-1]
		}
		p := page(address)
		if is := p.List[0].Text + " " + p.List[len(p.List)-1].Text; is != want {
			t.Errorf("%s: %s, not %s", address, is, want)
		}
		if next := p.Earlier(action); len(got) < 2 {
			got = append(got, next)
		} else {
			got = append(got, p.Later(action))
		}
	}
	if !strings.HasPrefix(got[0], "/office/logs/1?after=") || got[len(got)-1] != "" || page(action).Later(action) != "" {
		t.Errorf("%q", got)
	}
	if p := page("?after=" + paging.Cursor{Key: "yesterday", ID: id.New()}.String()); len(p.List) != 100 {
		t.Errorf("what nobody wrote gives %d comments", len(p.List))
	}
}

// TestAFormSentTwiceAtOnceIsKeptOnce holds the first form open until the second one waits for it.
func TestAFormSentTwiceAtOnceIsKeptOnce(t *testing.T) {
	s := authtest.New(t)
	ben := s.Office(s.Max, access.Member)
	about := comment.Thing{Section: "help", ID: id.New(), ClientID: s.AnaViewer().ClientID, ProjectID: s.Kitchen}
	add := func(ctx context.Context, tx bun.Tx) (fresh bool, err error) {
		_, fresh, err = comment.Add(ctx, tx, ben, about, comment.Form{Text: "Yes."})
		return fresh, err
	}
	second, over := make(chan bool, 1), make(chan struct{})
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		if fresh, err := add(ctx, tx); err != nil || !fresh {
			t.Fatal(fresh, err)
		}
		go func() {
			defer close(over)
			authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
				fresh, err := add(ctx, tx)
				second <- fresh
				return err
			})
		}()
		for waits := false; !waits; {
			if len(second) > 0 {
				return nil // it did not wait
			}
			if err := tx.NewRaw("select exists (select from pg_locks where locktype = 'advisory' and not granted)").Scan(ctx, &waits); err != nil {
				return err
			}
		}
		return nil
	})
	<-over
	if <-second {
		t.Error("a form that was sent twice at once was kept twice")
	}
}
