package files

import (
	"mime"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestNamesAreMadeSafe(t *testing.T) {
	for name, want := range map[string]string{
		"Küche Plan 2.pdf":                "Küche Plan 2.pdf",
		"../../etc/passwd":                "passwd",
		`C:\Users\ana\kitchen.jpg`:        "kitchen.jpg",
		"a\r\nSet-Cookie: x=1.jpg":        "aSet-Cookie x=1.jpg",
		"invoice\u202Egpj.exe":            "invoicegpj.exe",
		"a\u2066b\u200Fc\u00A0d\te.txt":   "abc d e.txt",
		`q"uo'te;<b>.pdf`:                 "quoteb.pdf",
		"nul\x00l\x7f.txt":                "null.txt",
		"bad\xffutf8.txt":                 "badutf8.txt",
		"...":                             "file",
		"":                                "file",
		"folder/":                         "file",
		".htaccess":                       "htaccess",
		strings.Repeat("ж", 300) + ".pdf": strings.Repeat("ж", 98) + ".pdf",
		strings.Repeat("a", 300) + "." + long(300): strings.Repeat("a", 200),
		"照片.heic": "照片.heic",
	} {
		if got := CleanName(name); got != want {
			t.Errorf("%.60q became %q, want %q", name, got, want)
		}
	}
}

func long(n int) string { return strings.Repeat("x", n) }

func TestUploadsAreDownloads(t *testing.T) {
	for _, kind := range []Kind{JPEG, PNG, GIF, WebP, HEIC, PDF, Other, "text/html", "image/svg+xml", "image/png\r\nX: y"} {
		h := Download(kind, "x.html")
		if !strings.HasPrefix(h["Content-Disposition"], "attachment;") {
			t.Errorf("%s: %s", kind, h["Content-Disposition"])
		}
		if endings[kind] == nil && h["Content-Type"] != string(Other) {
			t.Errorf("%s is sent as %s", kind, h["Content-Type"])
		}
		if h["X-Content-Type-Options"] != "nosniff" || !strings.HasPrefix(h["Content-Security-Policy"], "sandbox; default-src 'none'") {
			t.Errorf("%s: %v", kind, h)
		}
	}
}

func TestOnlyPicturesOfOursAndPDFsAreShown(t *testing.T) {
	for kind, want := range map[Kind]string{
		JPEG: `inline; filename="K_che.jpg"; filename*=UTF-8''K%C3%BCche.jpg`,
		PNG:  `inline; filename="K_che.png"; filename*=UTF-8''K%C3%BCche.png`,
		PDF:  `inline; filename="K_che.pdf"; filename*=UTF-8''K%C3%BCche.pdf`,
		GIF:  `attachment; filename="K_che.heic"; filename*=UTF-8''K%C3%BCche.heic`,
		HEIC: `attachment; filename="K_che.heic"; filename*=UTF-8''K%C3%BCche.heic`,
	} {
		if got := Show(kind, "Küche.heic")["Content-Disposition"]; got != want {
			t.Errorf("%s: %s", kind, got)
		}
	}
	if got := Show(JPEG, "Plan v1.2")["Content-Disposition"]; !strings.Contains(got, `"Plan v1.2.jpg"`) {
		t.Error(got)
	}
	if got := Show(JPEG, "photo.JPEG")["Content-Disposition"]; !strings.Contains(got, `"photo.JPEG"`) {
		t.Error(got)
	}
}

func FuzzDisposition(f *testing.F) {
	for _, name := range []string{"a.jpg", "../x", "a\r\nb", "\u202Egpj", `"`, "%22", "ж.heic", "\xff", "a'b", "=?utf-8?q?x?=", ".", "a." + long(250)} {
		f.Add(name, string(JPEG))
		f.Add(name, "text/html")
	}
	f.Fuzz(func(t *testing.T, name, kind string) {
		clean := CleanName(name)
		if clean == "" || len(clean) > maxName || CleanName(clean) != clean || !utf8.ValidString(clean) || strings.ContainsAny(clean, `/\"`) {
			t.Errorf("%q became %q", name, clean)
		}
		for _, headers := range []map[string]string{Download(Kind(kind), name), Show(Kind(kind), name)} {
			for header, value := range headers {
				if strings.ContainsFunc(value, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsControl(r) }) {
					t.Errorf("%s: %q", header, value)
				}
			}
			how, said, err := mime.ParseMediaType(headers["Content-Disposition"])
			if err != nil || how != "attachment" && how != "inline" {
				t.Errorf("%q: %v", headers["Content-Disposition"], err)
			}
			if how == "attachment" && said["filename"] != clean {
				t.Errorf("%q arrives as %q", clean, said["filename"])
			}
		}
	})
}
