package sheet

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"portico/platform/fault"
)

const (
	mostUnzipped = 512 << 20
	mostParts    = 5000
	heldUnzipped = 8 << 20 // a part beyond it waits on disk
)

var damaged = "This Excel file cannot be read. It may be damaged or locked with a password: open it, save it anew, and choose that file."

func (t *Table) openBook(from io.ReaderAt, size int64) error {
	if err := weigh(from, size); err != nil {
		return err
	}
	book, err := excelize.OpenReader(io.NewSectionReader(from, 0, size), excelize.Options{
		UnzipSizeLimit: mostUnzipped, UnzipXMLSizeLimit: heldUnzipped, ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd",
	})
	if err != nil {
		return fault.WrongType(damaged)
	}
	for _, name := range book.GetSheetList() {
		if visible, err := book.GetSheetVisible(name); err == nil && visible {
			t.Sheets = append(t.Sheets, name)
		}
	}
	if len(t.Sheets) == 0 {
		_ = book.Close()
		return fault.Invalid("There is no sheet in this Excel file.")
	}
	t.Encoding, t.Delimiter = "", ""
	for _, name := range t.choices() {
		r, err := book.Rows(name)
		if err != nil {
			_ = book.Close()
			return fault.WrongType(damaged)
		}
		b := &sheetRows{book: book, rows: r}
		if t.Sheet == name || len(t.Sheets) == 1 || b.any() {
			t.Sheet, t.rows = name, b
			return nil
		}
		_ = r.Close()
	}
	_ = book.Close()
	return fault.Invalid("There is nothing in this Excel file: every sheet is empty.")
}

// choices are the sheets to try: the one that was asked for, else each until one holds something.
func (t *Table) choices() []string {
	for _, name := range t.Sheets {
		if name == t.Sheet {
			return []string{name}
		}
	}
	t.Sheet = ""
	return t.Sheets
}

// weigh unpacks everything once without keeping it: what a packed file says about its own size may be a lie.
func weigh(from io.ReaderAt, size int64) error {
	z, err := zip.NewReader(from, size)
	if err != nil {
		return fault.WrongType(damaged)
	}
	book, left := false, int64(mostUnzipped)
	if len(z.File) > mostParts {
		return tooMuch()
	}
	for _, part := range z.File {
		book = book || strings.EqualFold(part.Name, "xl/workbook.xml")
		if part.FileInfo().IsDir() {
			continue
		}
		r, err := part.Open()
		if err != nil {
			return fault.WrongType(damaged)
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r, left+1))
		_ = r.Close()
		if left -= n; left < 0 {
			return tooMuch()
		}
		if err != nil {
			return fault.WrongType(damaged)
		}
	}
	if !book {
		return fault.WrongType("This packed file is no Excel file (.xlsx). Unpack it first, or save the table as .xlsx or CSV.")
	}
	return nil
}

func tooMuch() error {
	return fault.TooLarge("This Excel file is far larger inside than it looks. Save the table that you need as CSV, and choose that file.")
}

type sheetRows struct {
	book   *excelize.File
	rows   *excelize.Rows
	number int
	ahead  []Row
}

// any reports whether something stands among the first rows; what was read is kept.
func (b *sheetRows) any() bool {
	for range 1000 {
		row, err := b.read()
		if err != nil {
			return false
		}
		b.ahead = append(b.ahead, row)
		if !row.blank() {
			return true
		}
	}
	return false
}

func (b *sheetRows) next() (Row, error) {
	if len(b.ahead) > 0 {
		row := b.ahead[0]
		b.ahead = b.ahead[1:]
		return row, nil
	}
	return b.read()
}

func (b *sheetRows) read() (Row, error) {
	if !b.rows.Next() {
		if err := b.rows.Error(); err != nil {
			return Row{}, fault.WrongType(damaged)
		}
		return Row{}, io.EOF
	}
	b.number++
	cells, err := b.rows.Columns()
	if err != nil {
		return Row{}, fault.WrongType(damaged)
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) > MostColumns {
		return Row{}, tooManyColumns(b.number)
	}
	for i, cell := range cells {
		if len(cell) > mostCell {
			return Row{}, fault.Invalid(fmt.Sprintf("Row %d is too long: a cell has more than 64 KB.", b.number))
		}
		cells[i] = clean(cell)
	}
	return Row{b.number, cells}, nil
}

func (b *sheetRows) close() error { return errors.Join(b.rows.Close(), b.book.Close()) }
