package paper

import (
	"bytes"
	"embed"
	"io"
	"sync"
	"unicode"

	"github.com/andybalholm/brotli"
	otf "github.com/go-text/typesetting/font"
	"golang.org/x/image/font/gofont/goregular"
)

//go:embed fonts/*.br
var packed embed.FS

// script is a font for what the Go fonts do not have. A document gets the few glyphs of it that it uses.
type script struct {
	name string
	load func() (*otf.Font, []byte)
}

// latin has the usual Latin, Greek and Cyrillic letters; everything else is drawn with one of the others.
var (
	latin      = sync.OnceValue(func() *otf.Font { f, _ := parsed(goregular.TTF); return f })
	wide       = packedFont("wide", "NotoSans-Regular")
	arabic     = packedFont("arabic", "NotoSansArabic-Regular")
	hebrew     = packedFont("hebrew", "NotoSansHebrew-Regular")
	devanagari = packedFont("devanagari", "NotoSansDevanagari-Regular")
	thai       = packedFont("thai", "NotoSansThai-Regular")
	korean     = packedFont("korean", "HangulSquare")
	east       = packedFont("east", "DroidSansFallbackFull") // Chinese and Japanese

	others = []*script{wide, arabic, hebrew, devanagari, thai, korean, east}
)

func parsed(body []byte) (*otf.Font, []byte) {
	face, err := otf.ParseTTF(bytes.NewReader(body))
	if err != nil {
		panic("paper: a font of ours cannot be read: " + err.Error())
	}
	return face.Font, body
}

func packedFont(name, file string) *script {
	return &script{name, sync.OnceValues(func() (*otf.Font, []byte) {
		body, err := packed.ReadFile("fonts/" + file + ".ttf.br")
		if err != nil {
			panic("paper: " + err.Error())
		}
		whole, err := io.ReadAll(brotli.NewReader(bytes.NewReader(body)))
		if err != nil {
			panic("paper: " + err.Error())
		}
		return parsed(whole)
	})}
}

// scriptOf is the font for a letter; nil: the Go fonts have it.
func scriptOf(r rune) *script {
	switch {
	case unicode.Is(unicode.Arabic, r), r >= 0x600 && r < 0x700: // signs, too
		return arabic
	case unicode.Is(unicode.Hebrew, r):
		return hebrew
	case unicode.Is(unicode.Devanagari, r), r >= 0x900 && r < 0x980:
		return devanagari
	case unicode.Is(unicode.Thai, r), r == '฿':
		return thai
	case unicode.Is(unicode.Hangul, r):
		return korean
	case unicode.Is(unicode.Han, r), unicode.Is(unicode.Hiragana, r), unicode.Is(unicode.Katakana, r):
		return east
	}
	if r < 0x80 {
		return nil
	}
	if has(latin(), r) {
		return nil
	}
	for _, of := range []*script{wide, east, korean, devanagari, hebrew} { // signs
		if file, _ := of.load(); has(file, r) {
			return of
		}
	}
	return wide
}

func has(file *otf.Font, r rune) bool {
	_, has := file.NominalGlyph(r)
	return has
}

// european reports whether a letter is one that the Go fonts have many of: a word is drawn with one font.
func european(r rune) bool {
	return unicode.Is(unicode.Latin, r) || unicode.Is(unicode.Greek, r) || unicode.Is(unicode.Cyrillic, r)
}

// simple reports whether the Go fonts have all of a text, and it is read from left to right.
func simple(text string) bool {
	for _, r := range text {
		if r >= 0x80 && scriptOf(r) != nil {
			return false
		}
	}
	return true
}
