package files

import (
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Download is the headers of a file that is saved, never opened on our origin: what people uploaded.
func Download(kind Kind, name string) map[string]string {
	return headers(known(string(kind)), "attachment", CleanName(name))
}

// Show is the headers of a file that may be seen in the page: pictures made by Image, and PDFs. All
// else is a download. The caller must know that it was made by Image: a JPEG as uploaded still
// tells where it was taken.
func Show(kind Kind, name string) map[string]string {
	if kind != JPEG && kind != PNG && kind != PDF {
		return Download(kind, name)
	}
	return headers(kind, "inline", called(CleanName(name), kind))
}

// NameFor gives a name the ending of what it is.
func NameFor(name string, kind Kind) string { return called(CleanName(name), kind) }

// called gives a name the ending of what it is: a HEIC shown as JPEG is saved as JPEG.
func called(name string, kind Kind) string {
	if endings[kind] == nil {
		return name
	}
	ext := strings.ToLower(path.Ext(name))
	if slices.Contains(endings[kind], ext) {
		return name
	}
	for _, other := range endings {
		if slices.Contains(other, ext) {
			name = name[:len(name)-len(ext)]
			break
		}
	}
	return name + endings[kind][0]
}

func headers(kind Kind, how, name string) map[string]string {
	policy := "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	if kind == PDF && how == "inline" { // browsers show no PDF inside a sandbox
		policy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
	}
	return map[string]string{
		"Content-Type":            string(kind),
		"Content-Disposition":     how + `; filename="` + plain(name) + `"; filename*=UTF-8''` + escaped(name),
		"X-Content-Type-Options":  "nosniff",
		"Content-Security-Policy": policy,
	}
}

// CleanName makes any name fit to be shown and saved: no folders, nothing invisible, nothing that
// turns the reading direction, short enough for every disk with its ending kept.
func CleanName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`"'<>:|?*;`+"`", r), r == utf8.RuneError:
			return -1
		case unicode.IsSpace(r) && r != '\n' && r != '\r':
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if len(name) > maxName {
		ext := path.Ext(name)
		if len(ext) > 12 {
			ext = ""
		}
		stem := name[:maxName-len(ext)]
		for !utf8.ValidString(stem) {
			stem = stem[:len(stem)-1]
		}
		name = strings.TrimRight(stem, " .") + ext
	}
	if name == "" {
		return "file"
	}
	return name
}

// maxName is a name's length in bytes that every file system takes.
const maxName = 200

// plain is the name for readers that know only ASCII.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r > '~' || r == '%' {
			return '_'
		}
		return r
	}, name)
}

// escaped is RFC 8187: everything but its plain characters as bytes in hex.
func escaped(name string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("!#$&+-.^_~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}
