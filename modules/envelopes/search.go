package envelopes

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/search"
)

// find answers the search of either side.
func (d desk) find(ctx context.Context, tx bun.Tx, v auth.Viewer, typed string, limit int) ([]search.Hit, error) {
	if v.Side == auth.Portal {
		return d.portalHits(ctx, tx, v, typed, limit)
	}
	return officeHits(ctx, tx, v, typed, limit)
}

// wordsKnown are those that the search knows, to correct what was typed.
func wordsKnown(ctx context.Context, tx bun.Tx, v auth.Viewer, words []string) ([]string, error) {
	return search.Known(ctx, tx, v.FirmID(), "envelopes.word", words)
}
