package envelopes

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much a signature may hold. A long one has some 600 points; what is beyond this was not drawn by a hand.
const (
	mostStrokes  = 200
	mostPoints   = 6000
	mostInkBytes = 100_000
	leastSpan    = 300 // of ten-thousandths: a dot is no signature
	longestName  = 120 // as long as the names of those who are asked
	longestShort = 8   // initials
)

// inkOf makes a signature, or initials, of what a form sent; wrong says what is the matter with it, in words.
func inkOf(kind, text, strokes string, longest int) (ink *Ink, wrong string) {
	what := "signature"
	if longest == longestShort {
		what = "initials"
	}
	switch kind {
	case "typed":
		return typedInk(text, what, longest)
	case "drawn":
		return drawnInk(strokes, what)
	}
	return nil, "Choose whether you type or draw your " + what + "."
}

func typedInk(text, what string, longest int) (*Ink, string) {
	text = strings.Join(strings.Fields(text), " ")
	switch letters := strings.IndexFunc(text, unicode.IsLetter); {
	case text == "" && what == "initials":
		return nil, "Type your initials."
	case text == "":
		return nil, "Type your full name."
	case letters < 0:
		return nil, "Your " + what + " needs letters."
	case what == "signature" && utf8.RuneCountInString(text) < 2:
		return nil, "Type your full name."
	case utf8.RuneCountInString(text) > longest:
		return nil, "This is too long for your " + what + "."
	case strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0:
		return nil, "This contains characters that cannot be shown."
	}
	return &Ink{Kind: "typed", Text: text}, ""
}

func drawnInk(text, what string) (*Ink, string) {
	empty := "Draw your " + what + " in the box, or type it instead."
	if text == "" {
		return nil, empty
	}
	if len(text) > mostInkBytes {
		return nil, "This drawing is too large. Clear it and draw it again."
	}
	var strokes [][][2]int
	if json.Unmarshal([]byte(text), &strokes) != nil {
		return nil, "This drawing did not arrive whole. Please draw it again."
	}
	points := 0
	low, high := [2]int{10000, 10000}, [2]int{}
	kept := strokes[:0]
	for _, stroke := range strokes {
		for _, p := range stroke {
			for i := range p {
				if p[i] < 0 || p[i] > 10000 {
					return nil, "This drawing did not arrive whole. Please draw it again."
				}
				low[i], high[i] = min(low[i], p[i]), max(high[i], p[i])
			}
		}
		points += len(stroke)
		if len(stroke) > 0 {
			kept = append(kept, stroke)
		}
	}
	switch {
	case len(kept) > mostStrokes || points > mostPoints:
		return nil, "This drawing is too large. Clear it and draw it again."
	case points < 3 || high[0]-low[0] < leastSpan && high[1]-low[1] < leastSpan:
		return nil, empty
	}
	return &Ink{Kind: "drawn", Strokes: kept}, ""
}

// Drawing is the strokes as the page keeps them; "" of what was typed.
func (i *Ink) Drawing() string {
	if i == nil || i.Kind != "drawn" {
		return ""
	}
	text, err := json.Marshal(i.Strokes)
	if err != nil {
		return ""
	}
	return string(text)
}

// Typed is the text; "" of what was drawn.
func (i *Ink) Typed() string {
	if i == nil || i.Kind != "typed" {
		return ""
	}
	return i.Text
}
