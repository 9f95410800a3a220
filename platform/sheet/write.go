package sheet

import (
	"encoding/csv"
	"io"
	"regexp"
	"strings"
)

// Writer writes CSV for spreadsheet programs: with the mark of UTF-8, and nothing in it that they would run.
type Writer struct {
	csv  *csv.Writer
	safe []string
}

// NewWriter begins a file.
func NewWriter(w io.Writer) (*Writer, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	return &Writer{csv: csv.NewWriter(w)}, nil
}

// Write adds a row.
func (w *Writer) Write(row ...string) error {
	w.safe = w.safe[:0]
	for _, cell := range row {
		w.safe = append(w.safe, Harmless(cell))
	}
	return w.csv.Write(w.safe)
}

// Flush writes what is held back.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

var harmlessNumber = regexp.MustCompile(`^[+-]?[0-9][0-9 ().,-]*$`)

const formulas = "=+-@\t\r\n＝＋－＠"

// Harmless puts a mark before what a spreadsheet program would run as a formula; numbers and telephone numbers stay.
func Harmless(cell string) string {
	if begins := strings.TrimLeft(cell, " "); begins == "" || !strings.ContainsRune(formulas, []rune(begins)[0]) || harmlessNumber.MatchString(cell) {
		return cell
	}
	return "'" + cell
}

// Bare takes the mark of Harmless away.
func Bare(cell string) string {
	if rest, marked := strings.CutPrefix(cell, "'"); marked && Harmless(rest) != rest {
		return rest
	}
	return cell
}
