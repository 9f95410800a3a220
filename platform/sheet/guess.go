package sheet

import (
	"io"
	"math"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// delimiterOf tries each on the beginning of the file: the right one cuts most rows into the same number of cells.
func delimiterOf(sample func() io.Reader) string {
	if first, err := newText(sample(), 0xff).next(); err == nil && len(first.Cells) == 0 { // "sep=;" is swallowed
		head := make([]byte, 16)
		n, _ := io.ReadFull(sample(), head)
		if s := strings.ToLower(string(head[:n])); len(s) > 4 && strings.HasPrefix(s, "sep=") && strings.IndexByte(delimiters, s[4]) >= 0 {
			return s[4:5]
		}
	}
	best, most := ",", 0.0
	for _, delim := range delimiters {
		counts, all := map[int]int{}, 0
		t := newText(sample(), byte(delim))
		for all < 200 {
			row, err := t.next()
			if err != nil {
				break
			}
			if len(row.Cells) > 1 || !row.blank() {
				counts[len(row.Cells)]++
				all++
			}
		}
		for width, n := range counts {
			if width < 2 {
				continue
			}
			same := float64(n) / float64(all)
			if score := same * same * math.Sqrt(float64(width)); score > most {
				best, most = string(delim), score
			}
		}
	}
	return best
}

var (
	numberShape = regexp.MustCompile(`^[\p{Sc}(+\-−]*\s*[0-9][0-9.,'’\s]*\s*[%)\p{Sc}]*$`)
	dateShape   = regexp.MustCompile(`^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?$`)
	phoneShape  = regexp.MustCompile(`^[+(]?\d[\d ()./x+-]{5,}$`)
)

// label reports whether a cell could be the name of a column.
func label(cell string) bool {
	return cell != "" && utf8.RuneCountInString(cell) <= 60 && !strings.ContainsAny(cell, "@\n") && strings.IndexFunc(cell, unicode.IsLetter) >= 0 &&
		!numberShape.MatchString(cell) && !dateShape.MatchString(cell) && !phoneShape.MatchString(cell)
}

// headerOf finds the row with the columns' names among the first ones: titles above it fill one or two cells, records
// below it hold numbers, dates and addresses.
func headerOf(top []Row, known func(string) bool) int {
	width := 0
	for _, row := range top {
		width = max(width, filled(row))
	}
	best, most := NoHeader, 0.0
	for _, row := range top {
		full, labels, meant := filled(row), 0, 0
		seen := map[string]bool{}
		for _, cell := range row.Cells {
			if label(cell) {
				labels++
				if lower := strings.ToLower(cell); !seen[lower] {
					seen[lower] = true
					if known(cell) {
						meant++
					}
				}
			}
		}
		// records are ever so often all words; names of columns are all words nearly always
		if full == 0 || labels*10 < full*8 || full*3 < width && meant < 2 {
			continue
		}
		score := 3*float64(meant) + float64(len(seen))/float64(width)
		if meant == 0 {
			score -= 0.01 * float64(row.Number-top[0].Number)
		}
		if score > most {
			best, most = row.Number, score
		}
	}
	return best
}

func filled(row Row) int {
	n := 0
	for _, cell := range row.Cells {
		if cell != "" {
			n++
		}
	}
	return n
}
