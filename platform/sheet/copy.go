package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"

	"portico/platform/fault"
)

// Column is a column in which something stands.
type Column struct {
	At      int      `json:"at"` // 0 is the first one
	Name    string   `json:"name"`
	Samples []string `json:"samples"`
	Filled  int      `json:"filled"`
	// Days tell in which order days and months stand.
	Days Days `json:"days"`
}

// Title names a column for people; one without a name is called by its letter.
func (c Column) Title() string {
	if c.Name != "" {
		return c.Name
	}
	return "Column " + letters(c.At)
}

// Summary is what a file holds.
type Summary struct {
	Columns []Column `json:"columns"`
	Rows    int      `json:"rows"`
}

const samples, sampleLength = 3, 80

// Copy writes the records of a table in one form for all: see Copied. It tells which columns hold something.
func (t *Table) Copy(w io.Writer) (Summary, error) {
	var s Summary
	var columns []*Column
	out := csv.NewWriter(w)
	for {
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s, err
		}
		if s.Rows++; s.Rows > MostRows {
			return s, fault.TooLarge(fmt.Sprintf("This file has more than %s rows. Split it into several files.", thousands(MostRows)))
		}
		for i, cell := range row.Cells {
			if cell == "" {
				continue
			}
			for len(columns) <= i {
				columns = append(columns, nil)
			}
			if columns[i] == nil {
				columns[i] = &Column{At: i}
				if i < len(t.Names) {
					columns[i].Name = t.Names[i]
				}
			}
			columns[i].see(cell)
		}
		if err := out.Write(append([]string{strconv.Itoa(row.Number)}, row.Cells...)); err != nil {
			return s, err
		}
	}
	out.Flush()
	if s.Rows == 0 {
		return s, fault.Invalid("This file has the names of its columns, and not a single row below them.")
	}
	for _, c := range columns {
		if c != nil {
			s.Columns = append(s.Columns, *c)
		}
	}
	return s, out.Error()
}

func (c *Column) see(cell string) {
	c.Filled++
	c.Days.see(cell)
	if len(c.Samples) >= samples {
		return
	}
	text := oneLine(cell)
	if runes := []rune(text); len(runes) > sampleLength {
		text = string(runes[:sampleLength-1]) + "…"
	}
	for _, s := range c.Samples {
		if s == text {
			return
		}
	}
	c.Samples = append(c.Samples, text)
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Copied reads what Copy wrote, from any place that Offset gave.
type Copied struct {
	from  *csv.Reader
	begin int64
}

// NewCopied begins at an offset; from must stand there already.
func NewCopied(from io.Reader, begin int64) *Copied {
	r := csv.NewReader(from)
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	return &Copied{r, begin}
}

// Next gives the next row; io.EOF after the last one.
func (c *Copied) Next() (Row, error) {
	record, err := c.from.Read()
	if err != nil {
		return Row{}, err
	}
	number, err := strconv.Atoi(record[0])
	if err != nil {
		return Row{}, fmt.Errorf("row of a copied table: %w", err)
	}
	return Row{number, append([]string(nil), record[1:]...)}, nil
}

// Offset is where the next row begins.
func (c *Copied) Offset() int64 { return c.begin + c.from.InputOffset() }
