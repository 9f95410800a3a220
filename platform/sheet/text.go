package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	textunicode "golang.org/x/text/encoding/unicode"

	"portico/platform/fault"
)

// Encoding is one way to write letters as bytes.
type Encoding struct{ ID, Title string }

// Encodings are those that can be chosen by hand, the likeliest first.
var Encodings = []Encoding{
	{"utf-8", "UTF-8"}, {"windows-1252", "Western European (Windows, Latin-1)"}, {"utf-16le", "Unicode (UTF-16)"}, {"utf-16be", "Unicode (UTF-16, big endian)"},
	{"macintosh", "Western European (Mac)"}, {"windows-1250", "Central European (Windows)"}, {"windows-1251", "Cyrillic (Windows)"}, {"windows-1253", "Greek (Windows)"}, {"windows-1254", "Turkish (Windows)"},
}

var decoders = map[string]encoding.Encoding{
	"utf-16le": textunicode.UTF16(textunicode.LittleEndian, textunicode.UseBOM), "utf-16be": textunicode.UTF16(textunicode.BigEndian, textunicode.UseBOM),
	"windows-1252": charmap.Windows1252, "macintosh": charmap.Macintosh, "windows-1250": charmap.Windows1250, "windows-1251": charmap.Windows1251,
	"windows-1253": charmap.Windows1253, "windows-1254": charmap.Windows1254,
}

// starts are how files begin that are no tables, and what to do about them.
var starts = []struct{ head, say string }{
	{"\xd0\xcf\x11\xe0", "This is an old Excel file (.xls), or one that is locked with a password. Open it, save it as .xlsx without a password or as CSV, and choose that file."},
	{"%PDF", "This is a PDF. Please choose a CSV or an Excel file (.xlsx)."},
	{"{\\rtf", "This is a text document. Please choose a CSV or an Excel file (.xlsx)."},
	{"\x89PNG", "This is a picture. Please choose a CSV or an Excel file (.xlsx)."},
	{"\xff\xd8\xff", "This is a picture. Please choose a CSV or an Excel file (.xlsx)."},
	{"GIF8", "This is a picture. Please choose a CSV or an Excel file (.xlsx)."},
	{"\x1f\x8b", "This file is packed (gzip). Unpack it first, then choose the CSV or Excel file in it."},
	{"Rar!", "This file is packed (RAR). Unpack it first, then choose the CSV or Excel file in it."},
	{"7z\xbc\xaf", "This file is packed (7-Zip). Unpack it first, then choose the CSV or Excel file in it."},
	{"\x7fELF", notATable}, {"MZ\x90", notATable}, {"SQLite format 3", notATable},
}

const notATable = "This is not a table. Please choose a CSV or an Excel file (.xlsx)."

func kindOf(from io.ReaderAt, size int64) (string, error) {
	head := make([]byte, min(size, 512))
	if _, err := from.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read table: %w", err)
	}
	for _, s := range starts {
		if bytes.HasPrefix(head, []byte(s.head)) {
			return "", fault.WrongType(s.say)
		}
	}
	begin := bytes.ToLower(bytes.TrimLeft(head, "\ufeff \t\r\n"))
	for _, mark := range []string{"<!doctype", "<html", "<?xml", "<table", "<svg"} {
		if bytes.HasPrefix(begin, []byte(mark)) {
			return "", fault.WrongType("This is a web page or XML, although its name may say otherwise. Open it in a spreadsheet program and save it as CSV or .xlsx.")
		}
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")) {
		return xlsxKind, nil
	}
	return csvKind, nil
}

const sampleBytes = 64 << 10

func (t *Table) openText(from io.ReaderAt, size int64) error {
	if t.Encoding == "" {
		var err error
		if t.Encoding, err = encodingOf(from, size); err != nil {
			return err
		}
	}
	if t.Encoding != "utf-8" && decoders[t.Encoding] == nil {
		return fault.Field("encoding", "Choose from the list.")
	}
	t.Sheet = ""
	if len(t.Delimiter) != 1 || !bytes.ContainsAny([]byte(t.Delimiter), delimiters) {
		t.Delimiter = delimiterOf(func() io.Reader { return decoded(from, min(size, sampleBytes), t.Encoding) })
	}
	t.rows = newText(decoded(from, size, t.Encoding), t.Delimiter[0])
	return nil
}

// decoded gives the file as UTF-8 without its mark.
func decoded(from io.ReaderAt, size int64, name string) io.Reader {
	var r io.Reader = io.NewSectionReader(from, 0, size)
	if d := decoders[name]; d != nil {
		return d.NewDecoder().Reader(r)
	}
	head := make([]byte, 3)
	if n, _ := from.ReadAt(head, 0); n == 3 && string(head) == "\ufeff" {
		return io.NewSectionReader(from, 3, size-3)
	}
	return r
}

// encodingOf looks at the whole file: the one letter that decides may stand in the last row.
func encodingOf(from io.ReaderAt, size int64) (string, error) {
	head := make([]byte, min(size, sampleBytes))
	if _, err := from.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read table: %w", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return "", fault.WrongType("The letters of this file cannot be read (UTF-32). Save it as CSV in UTF-8 and choose it again.")
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return "utf-16le", nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "utf-16be", nil
	}
	if name := zeros(head); name != "" {
		return name, nil
	}
	r, buffer := io.NewSectionReader(from, 0, size), make([]byte, sampleBytes)
	valid, odd, left := true, 0, 0
	var high [256]int
	for {
		n, err := r.Read(buffer[left:])
		chunk := buffer[:left+n]
		left = 0
		for _, b := range chunk {
			if b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != '\v' && b != 0x1a {
				odd++
			}
			if b >= 0x80 {
				high[b]++
			}
		}
		if valid {
			var rest []byte
			if rest, valid = wholeRunes(chunk); valid {
				left = copy(buffer, rest)
				for _, b := range buffer[:left] { // counted with the next piece
					high[b]--
				}
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", fmt.Errorf("read table: %w", err)
		}
	}
	switch {
	case odd > 0 && int64(odd)*500 > size, bytes.IndexByte(head, 0) >= 0 && int64(odd)*5000 > size:
		return "", fault.WrongType("This file cannot be read as a table: it is damaged, or of another kind. Please choose a CSV or an Excel file (.xlsx).")
	case valid && left == 0:
		return "utf-8", nil
	case mac(high):
		return "macintosh", nil
	}
	return "windows-1252", nil
}

// wholeRunes reports whether a piece is UTF-8, and gives the beginning of a letter at its end.
func wholeRunes(chunk []byte) (rest []byte, valid bool) {
	for len(chunk) > 0 {
		if chunk[0] < utf8.RuneSelf {
			chunk = chunk[1:]
			continue
		}
		if !utf8.FullRune(chunk) {
			return chunk, len(chunk) < utf8.UTFMax
		}
		r, n := utf8.DecodeRune(chunk)
		if r == utf8.RuneError && n == 1 {
			return nil, false
		}
		chunk = chunk[n:]
	}
	return nil, true
}

// zeros tells UTF-16 without its mark: in Western text every other byte is zero.
func zeros(head []byte) string {
	var at [2]int
	for i, b := range head {
		if b == 0 {
			at[i%2]++
		}
	}
	half := len(head) / 2
	switch {
	case half == 0:
	case at[1]*10 > half*4 && at[0]*10 < half:
		return "utf-16le"
	case at[0]*10 > half*4 && at[1]*10 < half:
		return "utf-16be"
	}
	return ""
}

// mac tells the Macintosh's letters from those of Windows: it keeps them between 80 and 9F, where Windows has some
// punctuation and little else, and Windows keeps them from C0 on.
func mac(high [256]int) bool {
	apple, windows := 0, 0
	for b := 0x80; b < 0x100; b++ {
		r := charmap.Windows1252.DecodeByte(byte(b))
		switch {
		case b >= 0xc0 && unicode.IsLetter(r):
			windows += high[b]
		case b < 0xa0 && !unicode.IsPunct(r) && r != '€' && r != '™':
			apple += high[b]
		}
	}
	return apple > windows
}
