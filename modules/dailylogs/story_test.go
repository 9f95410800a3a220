package dailylogs_test

import (
	"archive/zip"
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/url"
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// one reads one value.
func one(t testing.TB, site *portaltest.Site, query string, args ...any) (text string) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

func do(t testing.TB, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func project(t testing.TB, site *portaltest.Site, key string) string {
	t.Helper()
	return one(t, site, "select id::text from project where firm_id = ? and key = ?", site.FirmID(), key)
}

// picture is a photo of some size, each another one.
func picture(t testing.TB, n, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(x + n*40), uint8(y + n*7), uint8(x*y/97 + n), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 80}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// begin starts a log of today, and answers its id.
func begin(t testing.TB, site *portaltest.Site, who, key string) string {
	t.Helper()
	a := site.As(who).Post("/office/dailylogs/projects/"+project(t, site, key)+"/logs", nil)
	parts := strings.Split(a.Header.Get("Location"), "/")
	if a.Status != 303 || len(parts) != 5 {
		t.Fatalf("%d %s", a.Status, a.Header.Get("Location"))
	}
	return parts[3]
}

// fields are a form's, with the version that is kept.
func fields(t testing.TB, site *portaltest.Site, log string, more ...string) url.Values {
	t.Helper()
	f := url.Values{"version": {one(t, site, "select version::text from dailylogs.log where id = ?", log)}, "text_shown": {"1"}}
	for i := 0; i < len(more); i += 2 {
		f.Add(more[i], more[i+1])
	}
	return f
}

func send(t testing.TB, b *portaltest.Browser, log, key string, body []byte) portaltest.Answer {
	t.Helper()
	return b.Ask("POST", "/office/dailylogs/"+log+"/photos/"+key+"?name=IMG_1.jpg&at=1764000000000", bytes.NewReader(body), "Content-Type", "application/offset+octet-stream", "HX-Request", "true")
}

func unzip(t testing.TB, a portaltest.Answer) (names []string) {
	t.Helper()
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	z, err := zip.NewReader(bytes.NewReader(a.Body), int64(len(a.Body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		names = append(names, f.Name)
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, in); err != nil {
			t.Fatal(err)
		}
	}
	return names
}
