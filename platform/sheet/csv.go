package sheet

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"portico/platform/fault"
)

const delimiters = ",;\t|"

// text reads CSV as it is found in the world: any line end, quotation marks in the middle of cells, rows of any length.
// It never holds more than one row, and refuses one that does not end.
type text struct {
	from   *bufio.Reader
	delim  byte
	number int
	cell   []byte
	row    []string
	size   int
	ended  bool
}

func newText(from io.Reader, delim byte) *text {
	return &text{from: bufio.NewReaderSize(from, sampleBytes), delim: delim}
}

func (t *text) close() error { return nil }

func (t *text) next() (Row, error) {
	if t.ended {
		return Row{}, io.EOF
	}
	t.row, t.cell, t.size = t.row[:0], t.cell[:0], 0
	t.number++
	const (
		plain = iota
		quoted
		closed // behind what may be the closing mark
	)
	state, blanks, began := plain, 0, false
	for {
		b, err := t.from.ReadByte()
		if errors.Is(err, io.EOF) {
			t.ended = true
			if state == quoted {
				return Row{}, fault.Invalid(fmt.Sprintf("Row %d opens a quotation mark that is never closed.", t.number))
			}
			if !began && len(t.row) == 0 {
				return Row{}, io.EOF
			}
			return t.finish()
		}
		if err != nil {
			return Row{}, fault.Invalid("The letters of this file cannot be read. Choose another encoding, or save it as CSV in UTF-8.")
		}
		if b == 0 {
			continue // what cannot be kept
		}
		began = true
		if t.size++; t.size > mostRow || len(t.cell) > mostCell {
			return Row{}, fault.Invalid(fmt.Sprintf("Row %d is too long: a cell has more than 64 KB, or a quotation mark in it is never closed.", t.number))
		}
		switch state {
		case quoted:
			if b == '"' {
				state, blanks = closed, 0
			} else {
				t.cell = append(t.cell, b)
			}
			continue
		case closed:
			switch {
			case b == '"' && blanks == 0: // two marks are one
				t.cell = append(t.cell, '"')
				state = quoted
				continue
			case b == ' ':
				blanks++
				continue
			case b != t.delim && b != '\n' && b != '\r': // a mark in the middle
				t.cell = append(t.cell, '"')
				for ; blanks > 0; blanks-- {
					t.cell = append(t.cell, ' ')
				}
				if b == '"' {
					state, blanks = closed, 0
				} else {
					t.cell = append(t.cell, b)
					state = quoted
				}
				continue
			}
			state = plain
		}
		switch b {
		case t.delim:
			if err := t.take(); err != nil {
				return Row{}, err
			}
		case '\r':
			if after, err := t.from.Peek(1); err == nil && after[0] == '\n' {
				_, _ = t.from.Discard(1)
			}
			return t.finish()
		case '\n':
			return t.finish()
		case '"':
			if len(t.cell) == 0 || len(strings.TrimSpace(string(t.cell))) == 0 {
				t.cell, state = t.cell[:0], quoted
			} else {
				t.cell = append(t.cell, b)
			}
		default:
			t.cell = append(t.cell, b)
		}
	}
}

func (t *text) take() error {
	if len(t.row) >= MostColumns {
		return tooManyColumns(t.number)
	}
	t.row = append(t.row, clean(string(t.cell)))
	t.cell = t.cell[:0]
	return nil
}

func tooManyColumns(row int) error {
	return fault.Invalid(fmt.Sprintf("Row %d has more than %d columns. Take out the columns that are not needed, and choose the file again.", row, MostColumns))
}

func (t *text) finish() (Row, error) {
	if err := t.take(); err != nil {
		return Row{}, err
	}
	if t.number == 1 && len(t.row) <= 2 && strings.HasPrefix(strings.ToLower(t.row[0]), "sep=") {
		return Row{Number: 1}, nil // a word to Excel about the delimiter
	}
	return Row{t.number, append([]string(nil), t.row...)}, nil
}

// clean leaves out what cannot be kept, and blanks around it.
func clean(cell string) string {
	if !utf8.ValidString(cell) {
		cell = strings.ToValidUTF8(cell, "\ufffd")
	}
	if strings.IndexByte(cell, 0) >= 0 {
		cell = strings.ReplaceAll(cell, "\x00", "")
	}
	if strings.IndexByte(cell, '\r') >= 0 {
		cell = strings.ReplaceAll(strings.ReplaceAll(cell, "\r\n", "\n"), "\r", "\n")
	}
	return strings.Trim(cell, " \t\n\u00a0\ufeff")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
