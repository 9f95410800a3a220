package envelopes

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/lang"
)

// readerOf is in whose language a document's own pages are said: there is one file for all, so it is the language that all
// share who sign or approve it for the client. The firm's signature does not count: staff have no language of their own.
func readerOf(ctx context.Context, tx bun.IDB, v auth.Viewer, firm auth.Firm, e Envelope) (*lang.Reader, error) {
	locales, err := localesOf(ctx, tx, v, e.ID)
	return lang.Shared(firm.Locale, locales...), err
}

// noted is the note of an event for a reader. It is kept in English, as it was sealed; what people wrote stays.
func (e Event) noted(in *lang.Reader) string {
	for _, known := range []struct{ kind, starts, says string }{
		{"consented", "Agreement ", "Agreement %s"}, {"hosted", "on the device of ", "on the device of %s"}, {"forwarded", "to ", "to %s¦person"}, {"extended", "until ", "until %s¦day"},
	} {
		rest, starts := strings.CutPrefix(e.Note, known.starts)
		if e.Kind != known.kind || !starts {
			continue
		}
		if on, err := day.Parse(rest); err == nil && e.Kind == "extended" {
			return in.Say(known.says, on)
		}
		return in.Say(known.says, rest)
	}
	if says, known := map[string]string{"typed": "typed¦signature", "drawn": "drawn¦signature"}[e.Note]; known && e.Kind == "signed" {
		return in.Say(says)
	}
	return e.Note
}
