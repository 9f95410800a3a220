package search

import (
	"strings"
	"unicode/utf8"
)

// Piece is a run of a text; Hit: it is what was typed.
type Piece struct {
	Text string
	Hit  bool
}

// Mark cuts a text into what was typed and what was not. Like the search it looks at the beginnings of words, without
// case and accents.
func Mark(text string, typed []string) []Piece {
	var pieces []Piece
	put := func(text string, hit bool) {
		if text == "" {
			return
		}
		if n := len(pieces); n > 0 && pieces[n-1].Hit == hit {
			pieces[n-1].Text += text
			return
		}
		pieces = append(pieces, Piece{text, hit})
	}
	for text != "" {
		at := strings.IndexFunc(text, func(r rune) bool { return !apart(r) })
		if at < 0 {
			break
		}
		put(text[:at], false)
		text = text[at:]
		end := strings.IndexFunc(text, apart)
		if end < 0 {
			end = len(text)
		}
		hit := typedOf(text[:end], typed)
		put(text[:hit], true)
		put(text[hit:end], false)
		text = text[end:]
	}
	put(text, false)
	return pieces
}

// typedOf is how many bytes of the word's beginning were typed.
func typedOf(word string, typed []string) (most int) {
	folded := Fold(word)
	for _, t := range typed {
		if !strings.HasPrefix(folded, t) {
			continue
		}
		for i, r := range word {
			if end := i + utf8.RuneLen(r); len(Fold(word[:end])) >= len(t) {
				most = max(most, end)
				break
			}
		}
	}
	return most
}
