// Package sheet reads and writes tables as other programs exchange them: CSV of any kind and XLSX. It finds out by
// itself how a file is written, reads it row by row in little memory, and refuses what is no table in plain words.
package sheet

import (
	"errors"
	"fmt"
	"io"

	"portico/platform/fault"
)

// What is taken at most. Spreadsheets hold no more than 32,767 characters in a cell.
const (
	MostBytes   = 50 << 20
	MostRows    = 250_000
	MostColumns = 500

	mostCell = 64 << 10
	mostRow  = 1 << 20
)

// Shape is how a file is to be read. What is empty is found out.
type Shape struct {
	Kind      string `json:"kind"`      // csv, xlsx
	Sheet     string `json:"sheet"`     // of an XLSX file
	Encoding  string `json:"encoding"`  // of a CSV file: see Encodings
	Delimiter string `json:"delimiter"` // of a CSV file: one of , ; tab |
	Header    int    `json:"header"`    // the row with the columns' names, as the file counts; NoHeader; 0: to be found
}

// NoHeader is for files whose first row is a record already.
const NoHeader = -1

const (
	csvKind  = "csv"
	xlsxKind = "xlsx"
)

// Row is one row as the file has it. Number counts from 1, as a spreadsheet would show it, blank rows included.
type Row struct {
	Number int
	Cells  []string
}

func (r Row) blank() bool {
	for _, cell := range r.Cells {
		if cell != "" {
			return false
		}
	}
	return true
}

// rows is a file that is read once, from top to bottom; it ends with io.EOF.
type rows interface {
	next() (Row, error)
	close() error
}

// Table is a file of which the shape is known, read up to the names of its columns.
type Table struct {
	Shape
	Sheets []string // of an XLSX file: those that can be chosen
	Names  []string // of the columns; two may be the same, some may be empty

	rows  rows
	ahead []Row // read while looking for the names
}

// lookAhead is how many rows are looked at for the names of the columns.
const lookAhead = 40

// Open finds out how a file is written, but for what want says. known reports whether a column's name means something;
// it may be nil.
func Open(from io.ReaderAt, size int64, want Shape, known func(name string) bool) (*Table, error) {
	if size > MostBytes {
		return nil, TooLarge()
	}
	if size == 0 {
		return nil, fault.Invalid("This file is empty.")
	}
	if known == nil {
		known = func(string) bool { return false }
	}
	t := &Table{Shape: want}
	var err error
	if t.Kind, err = kindOf(from, size); err != nil {
		return nil, err
	}
	if t.Kind == xlsxKind {
		err = t.openBook(from, size)
	} else {
		err = t.openText(from, size)
	}
	if err != nil {
		return nil, err
	}
	if err := t.findNames(known); err != nil {
		_ = t.Close()
		return nil, err
	}
	return t, nil
}

// TooLarge is what is said about a file beyond MostBytes.
func TooLarge() error {
	return fault.TooLarge(fmt.Sprintf("This file is too large. The most we can take is %d MB: split it into several files.", MostBytes>>20))
}

// findNames reads the top of the file and stops behind the names.
func (t *Table) findNames(known func(string) bool) error {
	for len(t.ahead) < max(lookAhead, t.Header) {
		row, err := t.rows.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if !row.blank() {
			t.ahead = append(t.ahead, row)
		}
		if t.Header > 0 && row.Number >= t.Header {
			break
		}
	}
	if len(t.ahead) == 0 {
		return fault.Invalid("There is nothing in this file: every row is empty.")
	}
	if t.Header == 0 {
		t.Header = headerOf(t.ahead, known)
	}
	if t.Header == NoHeader {
		width := 0
		for _, row := range t.ahead {
			width = max(width, len(row.Cells))
		}
		for i := range width {
			t.Names = append(t.Names, "Column "+letters(i))
		}
		return nil
	}
	for i, row := range t.ahead {
		if row.Number == t.Header {
			for _, cell := range row.Cells {
				t.Names = append(t.Names, oneLine(cell))
			}
			t.ahead = t.ahead[i+1:]
			return nil
		}
	}
	return fault.Field("header", fmt.Sprintf("Row %d is empty or not in this file.", t.Header))
}

// Next gives the next row that is not blank; io.EOF after the last one.
func (t *Table) Next() (Row, error) {
	if len(t.ahead) > 0 {
		row := t.ahead[0]
		t.ahead = t.ahead[1:]
		return row, nil
	}
	for {
		row, err := t.rows.next()
		if err != nil || !row.blank() {
			return row, err
		}
	}
}

// Close ends the reading.
func (t *Table) Close() error { return t.rows.close() }

// letters names a column as spreadsheets do: 0 is A, 26 is AA.
func letters(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}
