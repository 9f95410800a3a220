package pdftext

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/ledongthuc/pdf"
)

// The child is the same program: it needs no second one beside it, in production and in tests. It never comes to main.
func init() {
	if len(os.Args) != 2 || os.Args[1] != child {
		return
	}
	go watch()
	_ = json.NewEncoder(os.Stdout).Encode(readFile(os.Stdin))
	os.Exit(0)
}

// watch ends the child when it takes too much memory.
func watch() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var stats runtime.MemStats
	for range tick.C {
		if runtime.ReadMemStats(&stats); stats.HeapAlloc > memory {
			os.Exit(3)
		}
	}
}

func readFile(file *os.File) (a answer) {
	defer func() {
		if recover() != nil && a.Words == "" {
			a.Wrong = "damaged"
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return answer{Wrong: "damaged"}
	}
	reader, err := pdf.NewReader(file, info.Size())
	if errors.Is(err, pdf.ErrInvalidPassword) || err != nil && strings.Contains(err.Error(), "encrypt") {
		return answer{Wrong: "locked"}
	}
	if err != nil {
		return answer{Wrong: "damaged"}
	}
	a.Pages = max(0, reader.NumPage())
	var words strings.Builder
	tried, broken := 0, 0
	for n := 1; n <= min(a.Pages, mostPages) && words.Len() < longest; n++ {
		tried++
		text, ok := readPage(reader, n)
		if !ok {
			broken++
		}
		words.WriteString(text)
		words.WriteByte('\n')
		a.Words = words.String()
	}
	if len(a.Words) > longest {
		a.Words = strings.ToValidUTF8(a.Words[:longest], "")
	}
	if tried == broken {
		a.Wrong, a.Pages = "damaged", 0
	}
	return a
}

// readPage reads one page; one that is broken does not cost the others.
func readPage(reader *pdf.Reader, n int) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			ok = text != ""
		}
	}()
	page := reader.Page(n)
	if page.V.IsNull() {
		return "", false
	}
	text, err := page.GetPlainText(nil)
	if err != nil || len(text) < longWords*(1+len(strings.Fields(text))) {
		return text, err == nil
	}
	return text + "\n" + apart(page), true
}

// longWords is how long the words of a page are on average when its program wrote none of the blanks.
const longWords = 14

// apart tells words from each other by where their letters stand.
func apart(page pdf.Page) string {
	var b strings.Builder
	var last pdf.Text
	for _, t := range page.Content().Text {
		b.WriteString(between(last, t))
		b.WriteString(t.S)
		last = t
	}
	return b.String()
}

func between(last, next pdf.Text) string {
	size := max(next.FontSize, last.FontSize, 1)
	switch gap := next.X - (last.X + last.W); {
	case last.S == "":
		return ""
	case math.Abs(next.Y-last.Y) > size/2:
		return "\n"
	case gap > size*0.15 || gap < -size:
		return " "
	}
	return ""
}
