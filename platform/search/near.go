package search

import (
	"context"
	"slices"
	"strings"
)

// shortest is the length from which a word is worth correcting: a shorter one is near to half of all others.
const shortest = 4

const letters = "abcdefghijklmnopqrstuvwxyz0123456789"

// Near are the words that somebody may have meant: one letter is missing, too many, another one, or two are swapped. The
// first letter counts like the others. Shorter words have none.
//
// pg_trgm is not used: PostgreSQL looks at rows with its operators only after row-level security has let them pass one
// by one, so that none of its indexes serves. The few hundred words near to a typed one are looked up by the index on
// words that the search has anyway.
func Near(word string) []string {
	runes := []rune(word)
	if len(runes) < shortest || len(runes) > longest {
		return nil
	}
	seen := map[string]bool{word: true}
	var near []string
	add := func(parts ...[]rune) {
		var b strings.Builder
		for _, part := range parts {
			b.WriteString(string(part))
		}
		if w := b.String(); !seen[w] {
			seen[w] = true
			near = append(near, w)
		}
	}
	for i := range len(runes) - 1 { // swapped: what happens most comes first
		add(runes[:i], runes[i+1:i+2], runes[i:i+1], runes[i+2:])
	}
	for i := range runes {
		add(runes[:i], runes[i+1:])
	}
	for i := range len(runes) + 1 {
		for _, letter := range letters {
			if i < len(runes) {
				add(runes[:i], []rune{letter}, runes[i+1:])
			}
			add(runes[:i], []rune{letter}, runes[i:])
		}
	}
	return near
}

// Corrections are what somebody may have meant by words of which nothing was found, the likeliest first. A word that is
// known stays. They are only guesses: known words may stand in rows that the asker does not see, so nothing may be said of
// one before it has found something for the asker.
func Corrections(ctx context.Context, typed []string, known func(context.Context, []string) ([]string, error)) ([]string, error) {
	options := make([][]string, len(typed))
	changed := false
	for i, word := range typed {
		near := Near(word)
		there, err := known(ctx, append([]string{word}, near...))
		if err != nil {
			return nil, err
		}
		if slices.Contains(there, word) {
			options[i] = []string{word}
			continue
		}
		for _, w := range near { // in their order
			if slices.Contains(there, w) && len(options[i]) < guesses {
				options[i] = append(options[i], w)
			}
		}
		if len(options[i]) == 0 {
			return nil, nil // all words have to be found
		}
		changed = true
	}
	if !changed {
		return nil, nil
	}
	queries := []string{""}
	for _, option := range options {
		var longer []string
		for _, q := range queries {
			for _, word := range option {
				longer = append(longer, strings.TrimSpace(q+" "+word))
			}
		}
		queries = longer[:min(len(longer), guesses)]
	}
	return queries, nil
}

// guesses are as many as are tried.
const guesses = 4
