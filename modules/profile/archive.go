package profile

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"regexp"

	"portico/platform/files"
	"portico/platform/module"
)

// archive writes a ZIP: what is in it, everything as JSON, each list as CSV, and the files.
func archive(out io.Writer, readme string, tables []module.Table, uploads []upload, open func(upload) (io.ReadCloser, error)) error {
	z := zip.NewWriter(out)
	if err := put(z, "README.txt", func(w io.Writer) error { _, err := io.WriteString(w, readme); return err }); err != nil {
		return err
	}
	if err := put(z, "data.json", func(w io.Writer) error { return asJSON(w, tables) }); err != nil {
		return err
	}
	for _, t := range tables {
		if err := put(z, t.Name+".csv", func(w io.Writer) error { return asCSV(w, t) }); err != nil {
			return err
		}
	}
	for _, u := range uploads {
		from, err := open(u)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the row of a file that is gone is still in the list
		}
		if err != nil {
			return err
		}
		err = put(z, u.place(), func(w io.Writer) error { _, err := io.Copy(w, from); return err })
		_ = from.Close()
		if err != nil {
			return err
		}
	}
	return z.Close()
}

func put(z *zip.Writer, name string, write func(io.Writer) error) error {
	w, err := z.Create(name)
	if err != nil {
		return err
	}
	return write(w)
}

// place is a file's name in the archive: its own, behind a piece of its id, for two may be called the same.
func (u upload) place() string { return "files/" + u.ID.String()[24:] + "-" + files.CleanName(u.Name) }

// asJSON writes each list under its name: a row is an object.
func asJSON(w io.Writer, tables []module.Table) error {
	all := map[string][]map[string]string{}
	for _, t := range tables {
		rows := []map[string]string{}
		for _, row := range t.Rows {
			object := map[string]string{}
			for i, column := range t.Columns {
				object[column] = row[i]
			}
			rows = append(rows, object)
		}
		all[t.Name] = rows
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(all)
}

// asCSV writes a list for a table program: with a mark that says UTF-8, and nothing that it would take for a formula.
func asCSV(w io.Writer, t module.Table) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	if err := c.Write(t.Columns); err != nil {
		return err
	}
	for _, row := range t.Rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = harmless(cell)
		}
		if err := c.Write(safe); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

var number = regexp.MustCompile(`^[+-]?[0-9][0-9 ().-]*$`)

// harmless puts a mark before what would be computed; telephone numbers stay.
func harmless(cell string) string {
	if cell == "" || number.MatchString(cell) {
		return cell
	}
	switch cell[0] {
	case '=', '+', '-', '@', '\t', '\r':
		return "'" + cell
	}
	return cell
}
