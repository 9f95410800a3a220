package time_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// picture is a small photo.
func picture() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for n := range 64 {
		m.Set(n, n, color.RGBA{200, 100, uint8(n), 255})
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m)
	return b.Bytes()
}

// minutesOf reads 1:30 as it stands on a page.
func minutesOf(t *testing.T, text string) int {
	t.Helper()
	text = strings.TrimSuffix(strings.TrimSpace(text), " h")
	hours, minutes, ok := strings.Cut(text, ":")
	h, err := strconv.Atoi(hours)
	m, wrong := strconv.Atoi(minutes)
	if !ok || err != nil || wrong != nil {
		t.Fatalf("%q are no hours", text)
	}
	return h*60 + m
}

// centsOf reads $1,234.50, with or without its sign.
func centsOf(t *testing.T, text string) int {
	t.Helper()
	cents, err := strconv.Atoi(strings.NewReplacer("$", "", ",", "", ".", "").Replace(text))
	if err != nil {
		t.Fatalf("%q is no money", text)
	}
	return cents
}

// pageSums compares each sum of the page with what stands below it.
func pageSums(t *testing.T, b *portaltest.Browser, on []string) {
	t.Helper()
	for _, month := range portaltest.Between(b.Body(), `<details class="card time-month"`, "</details>") {
		head, rest, _ := strings.Cut(month, "</summary>")
		tasks, all := portaltest.Between(rest, `<section class="time-task"`, "</section>"), 0
		for _, task := range tasks {
			if strings.Contains(task, "<h3>Expenses</h3>") {
				continue
			}
			numbers := portaltest.Between(task, `number">`, "<")
			sum := minutesOf(t, numbers[0])
			rows := 0
			for _, n := range numbers[1:] {
				rows += minutesOf(t, n)
			}
			if len(numbers) > 1 && sum != rows {
				t.Errorf("%v: a task says %d minutes over rows of %d", on, sum, rows)
			}
			all += sum
		}
		if said := portaltest.Between(head, "<b>", "</b>"); strings.Contains(head, "</b> h") && minutesOf(t, said[len(said)-1]) != all {
			t.Errorf("%v: a month says %s over tasks of %d", on, said[len(said)-1], all)
		}
	}
}
