package web

import (
	"encoding/csv"
	"io"
	"regexp"
)

// Sheet answers with a table as CSV, streamed: rows are written as they are made, so that a table of any length is never
// held whole. What somebody typed as a formula stays text. For rows see Write: it must not use the request.
func (r *Request) Sheet(name string, columns []string, rows func(add func(cells ...string) error) error) error {
	headers := map[string]string{
		"Content-Type":            "text/csv; charset=utf-8",
		"Content-Disposition":     `attachment; filename="` + name + `"`,
		"Content-Security-Policy": "sandbox; default-src 'none'",
	}
	return r.Write(headers, func(out io.Writer) error {
		if _, err := io.WriteString(out, "\uFEFF"); err != nil { // spreadsheets take UTF-8 only when told
			return err
		}
		w := csv.NewWriter(out)
		add := func(cells ...string) error {
			for i := range cells {
				cells[i] = plainCell(cells[i])
			}
			return w.Write(cells)
		}
		if err := add(columns...); err != nil {
			return err
		}
		if err := rows(add); err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	})
}

var numberCell = regexp.MustCompile(`^[+-]?[0-9][0-9 ().-]*$`)

// plainCell keeps a spreadsheet from running a cell; numbers and telephone numbers stay as they are.
func plainCell(cell string) string {
	if cell == "" || numberCell.MatchString(cell) {
		return cell
	}
	switch cell[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n':
		return "'" + cell
	}
	return cell
}
