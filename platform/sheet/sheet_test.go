package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"portico/platform/fault"
	"portico/platform/sheet"
)

func open(content []byte, want sheet.Shape) (*sheet.Table, error) {
	return sheet.Open(bytes.NewReader(content), int64(len(content)), want, nil)
}

func all(t *testing.T, content []byte, want sheet.Shape) (*sheet.Table, []sheet.Row) {
	t.Helper()
	table, err := open(content, want)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = table.Close() }()
	var rows []sheet.Row
	for {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			return table, rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func utf16le(s string, mark bool) []byte {
	var b []byte
	if mark {
		b = append(b, 0xff, 0xfe)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func encoded(m *charmap.Charmap, s string) []byte {
	b, err := m.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

func TestHowAFileIsWrittenIsFoundOut(t *testing.T) {
	table := "Name;City;Note\nMüller & Söhne;Köln;\"groß; \"\"echt\"\"\nzweite Zeile\"\nJosé Núñez;Málaga;—\n"
	for name, c := range map[string]struct {
		content  []byte
		encoding string
	}{
		"UTF-8":                 {[]byte(table), "utf-8"},
		"UTF-8 with its mark":   {[]byte("\ufeff" + table), "utf-8"},
		"UTF-16":                {utf16le(table, true), "utf-16le"},
		"UTF-16 without a mark": {utf16le(table, false), "utf-16le"},
		"Windows":               {encoded(charmap.Windows1252, table), "windows-1252"},
		"Mac":                   {encoded(charmap.Macintosh, table), "macintosh"},
		"line ends of Windows":  {[]byte(strings.ReplaceAll(table, "\n", "\r\n")), "utf-8"},
		"line ends of old Macs": {[]byte(strings.ReplaceAll(table, "\n", "\r")), "utf-8"},
	} {
		got, rows := all(t, c.content, sheet.Shape{})
		if got.Encoding != c.encoding || got.Delimiter != ";" || got.Header != 1 || fmt.Sprint(got.Names) != "[Name City Note]" {
			t.Errorf("%s: %+v %q", name, got.Shape, got.Names)
		}
		want := "[{2 [Müller & Söhne Köln groß; \"echt\"\nzweite Zeile]} {3 [José Núñez Málaga —]}]"
		if fmt.Sprint(rows) != want {
			t.Errorf("%s: %v", name, rows)
		}
	}
	for content, want := range map[string]string{
		"a\tb\tc\n1\t2\t3\n":                           "\t",
		"a|b|c\nx, y|2|3\n":                            "|",
		"a;b\n1,5;2,5\n1,7;3,1\n":                      ";",
		"sep=;\na;b\n1;2\n":                            ";",
		"Name\nAna\nTom\n":                             ",",
		"Report, all clients\n\nName,City\nAna,Rome\n": ",",
	} {
		got, _ := all(t, []byte(content), sheet.Shape{})
		if got.Delimiter != want {
			t.Errorf("%q: %q", content, got.Delimiter)
		}
	}
}

func TestTheNamesOfTheColumnsAreFound(t *testing.T) {
	for content, want := range map[string]int{
		"Name,Email\nAna,ana@example.com\n":                                               1,
		"\n\nMy company,\nClients as of 2021-01-28,,\n\nName,Email,Phone\nAna,a@b.co,1\n": 6,
		"Ana,ana@example.com,555-0141\nTom,tom@example.com,555-0142\n":                    sheet.NoHeader,
		",,Client,,Email,\n,,Ana,,a@b.co,\n":                                              1,
	} {
		got, _ := all(t, []byte(content), sheet.Shape{})
		if got.Header != want {
			t.Errorf("%q: row %d, want %d; %q", content, got.Header, want, got.Names)
		}
	}
	got, rows := all(t, []byte("x,y\n1,2\nName,Email\nAna,a@b.co"), sheet.Shape{Header: 3})
	if fmt.Sprint(got.Names) != "[Name Email]" || len(rows) != 1 || rows[0].Number != 4 {
		t.Errorf("by hand: %q %v", got.Names, rows)
	}
	if _, err := open([]byte("a,b\n1,2\n"), sheet.Shape{Header: 7}); !fault.Is(err, fault.Bad) {
		t.Errorf("a row that is not there: %v", err)
	}
}

func book(t testing.TB, fill func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestExcelWithTitlesDatesAndTwoSheets(t *testing.T) {
	content := book(t, func(f *excelize.File) {
		_, _ = f.NewSheet("Clients")
		for cell, value := range map[string]any{"A1": "Our clients 2026", "A3": "Name", "B3": "Start", "C3": "Phone", "A4": "Ana Rivera", "C4": 5125550141, "A7": "Tom Chen"} {
			_ = f.SetCellValue("Clients", cell, value)
		}
		style, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
		_ = f.SetCellValue("Clients", "B4", 44224)
		_ = f.SetCellStyle("Clients", "B4", "B4", style)
		_ = f.MergeCell("Clients", "A1", "C1")
	})
	got, rows := all(t, content, sheet.Shape{})
	if got.Sheet != "Clients" || got.Header != 3 || fmt.Sprint(got.Sheets) != "[Sheet1 Clients]" {
		t.Fatalf("%+v %v", got.Shape, got.Sheets)
	}
	if s := fmt.Sprint(rows); s != "[{4 [Ana Rivera 2021-01-28 5125550141]} {7 [Tom Chen]}]" {
		t.Error(s)
	}
	if _, err := open(content, sheet.Shape{Sheet: "Sheet1"}); !fault.Is(err, fault.Bad) {
		t.Errorf("an empty sheet: %v", err)
	}
}

// endless is a file that is far larger than what is read of it.
type endless struct{ text string }

func (e endless) ReadAt(p []byte, at int64) (int, error) {
	for i := range p {
		p[i] = e.text[(at+int64(i))%int64(len(e.text))]
	}
	return len(p), nil
}

func TestWhatIsNoTableIsRefusedInWords(t *testing.T) {
	packed := func(name string, size int) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, _ := z.Create(name)
		zeros := make([]byte, 1<<20)
		for range size >> 20 {
			_, _ = w.Write(zeros)
		}
		_ = z.Close()
		return b.Bytes()
	}
	wide := book(t, func(f *excelize.File) { _ = f.SetCellValue("Sheet1", "XFD1", "x") })
	for name, c := range map[string]struct {
		content []byte
		say     string
	}{
		"empty":                 {nil, "is empty"},
		"blank rows":            {[]byte("\n\n,,,\n  \n"), "every row is empty"},
		"a PDF":                 {[]byte("%PDF-1.7\nabc"), "PDF"},
		"a picture":             {[]byte("\x89PNG\r\n\x1a\n123"), "picture"},
		"a web page":            {[]byte("<!DOCTYPE html><table></table>"), "web page"},
		"old or locked Excel":   {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)), "password"},
		"another packed file":   {packed("readme.txt", 0), "no Excel file"},
		"a broken packed file":  {[]byte("PK\x03\x04broken"), "cannot be read"},
		"a zip bomb":            {packed("xl/workbook.xml", 600<<20), "far larger inside"},
		"zeros":                 {[]byte("Name,Email\n" + strings.Repeat("a\x00\x00\x00b,", 200)), "cannot be read"},
		"noise":                 {noise(), "cannot be read"},
		"UTF-32":                {[]byte("\xff\xfe\x00\x00a\x00\x00\x00"), "UTF-32"},
		"a mark that stays":     {[]byte("Name,Note\nAna,\"oh\n\nTom,x\n"), "never closed"},
		"an endless line":       {[]byte("Name\n" + strings.Repeat("x", 2<<20)), "too long"},
		"a million columns":     {[]byte(strings.Repeat(",", 1_000_000)), "more than 500 columns"},
		"a wide Excel sheet":    {wide, "more than 500 columns"},
		"names and nothing":     {[]byte("Name,Email\n"), "not a single row"},
		"names and blank lines": {[]byte("Name,Email\n\n,\n"), "not a single row"},
	} {
		table, err := open(c.content, sheet.Shape{})
		if err == nil {
			_, err = table.Copy(io.Discard)
			_ = table.Close()
		}
		if f, ok := fault.Of(err); !ok || !strings.Contains(f.Message, c.say) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, size := range map[string]int64{"200 MB": 200 << 20, "a terabyte": 1 << 40} {
		if _, err := sheet.Open(endless{"a,b\n"}, size, sheet.Shape{}, nil); !fault.Is(err, fault.Oversize) {
			t.Errorf("%s: %v", name, err)
		}
	}
	table, err := sheet.Open(endless{"a,b\n"}, 4<<20, sheet.Shape{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := table.Copy(io.Discard); !fault.Is(err, fault.Oversize) {
		t.Errorf("a million rows: %v", err)
	}
}

func noise() []byte {
	b := make([]byte, 4096)
	x := uint32(7)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

func TestEmptyColumnsAreLeftOut(t *testing.T) {
	table, err := open([]byte("Name,,Fax,Start,Name\nAna,,,13/02/2026,A\nTom,,,01/03/2026,B\n"), sheet.Shape{})
	if err != nil {
		t.Fatal(err)
	}
	var copied bytes.Buffer
	s, err := table.Copy(&copied)
	if err != nil || s.Rows != 2 || len(s.Columns) != 3 || s.Columns[2].At != 4 || s.Columns[2].Name != "Name" || s.Columns[0].Filled != 2 || s.Columns[0].Samples[1] != "Tom" {
		t.Fatalf("%+v %v", s, err)
	}
	if order, sure := s.Columns[1].Days.Order(sheet.MonthFirst); order != sheet.DayFirst || !sure {
		t.Error(order, sure)
	}
	c := sheet.NewCopied(&copied, 0)
	first, _ := c.Next()
	at := c.Offset()
	if first.Number != 2 || first.Cells[0] != "Ana" || at == 0 {
		t.Errorf("%v at %d", first, at)
	}
	second, _ := c.Next()
	if _, err := c.Next(); !errors.Is(err, io.EOF) || second.Cells[4] != "B" {
		t.Errorf("%v %v", second, err)
	}
}

func TestALargeFileNeedsLittleMemory(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("Name,Email,Street,City\n")
	for i := range 50_000 {
		fmt.Fprintf(&b, "Client number %d,client%d@example.com,%d Main Street,Austin\n", i, i, i)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	table, err := open(b.Bytes(), sheet.Shape{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := table.Copy(io.Discard); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("%d KB stay", grown>>10)
	}
}

func TestNothingIsRunInASpreadsheet(t *testing.T) {
	for _, cell := range []string{"=cmd|'/c calc'!A1", "+SUM(1)", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"} {
		safe := sheet.Harmless(cell)
		if safe != "'"+cell || sheet.Bare(safe) != cell {
			t.Errorf("%q: %q", cell, safe)
		}
	}
	for _, cell := range []string{"", "Ana", "+1 512 555 0141", "-142.85", "-1,234.50", "a=b", "'quoted'"} {
		if sheet.Harmless(cell) != cell || sheet.Bare(cell) != cell {
			t.Errorf("%q: %q %q", cell, sheet.Harmless(cell), sheet.Bare(cell))
		}
	}
	var b strings.Builder
	w, err := sheet.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Write("=1", "a,b")
	if _ = w.Flush(); b.String() != "\ufeff'=1,\"a,b\"\n" {
		t.Errorf("%q", b.String())
	}
}

func FuzzAnyBytesAreReadOrRefused(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\ufeffa;b\r\n\"x\";\"y\"\"z\"\r\n", "sep=|\na|b\n", "\"", "\"a\"b\"c\",d\n", "\xff\xfea\x00,\x00b\x00\n\x00", "PK\x03\x04", ",\r,\r\"", "\x8a\x9f,\xe4\n"} {
		f.Add([]byte(seed), ",", "")
	}
	f.Fuzz(func(t *testing.T, content []byte, delimiter, encoding string) {
		table, err := open(content, sheet.Shape{Delimiter: delimiter, Encoding: encoding})
		if err == nil {
			_, err = table.Copy(io.Discard)
			_ = table.Close()
		}
		if _, words := fault.Of(err); err != nil && !words {
			t.Errorf("no words for people: %v", err)
		}
	})
}

func FuzzWhatIsWrittenIsReadAgain(f *testing.F) {
	f.Add("a", "b,\"c\"\nd")
	f.Add("=1", " x ")
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = strings.ToValidUTF8(a, "?"), strings.ToValidUTF8(b, "?")
		var out bytes.Buffer
		w, _ := sheet.NewWriter(&out)
		_ = w.Write("Name", "Note")
		_ = w.Write("x", a)
		_ = w.Write("y", b)
		_ = w.Flush()
		table, err := open(out.Bytes(), sheet.Shape{Delimiter: ",", Encoding: "utf-8", Header: 1})
		if err != nil {
			return // control characters
		}
		for _, want := range []string{a, b} {
			row, err := table.Next()
			if err != nil || len(row.Cells) != 2 {
				if len(want) < 1000 && strings.ToValidUTF8(want, "") == want {
					t.Fatalf("%q: %v %v", want, row, err)
				}
				return
			}
			if got, want := trimmed(sheet.Bare(row.Cells[1])), trimmed(want); got != want {
				t.Errorf("%q came back as %q", want, got)
			}
		}
	})
}

// trimmed leaves out what reading leaves out.
func trimmed(s string) string {
	s = strings.NewReplacer("\x00", "", "\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\ufffd"))
	return strings.Trim(strings.TrimLeft(s, "'"), "' \t\n\u00a0\ufeff")
}
