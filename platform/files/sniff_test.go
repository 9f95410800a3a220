package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKindsComeFromTheContent(t *testing.T) {
	jfif := "\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
	for content, want := range map[string]Kind{
		string(testdata(t, "gps.jpg")):          JPEG,
		string(testdata(t, "landscape_6.jpg")):  JPEG,
		string(testdata(t, "hall.heif")):        HEIC,
		"%PDF-1.7\n":                            PDF,
		"RIFF\x00\x00\x00\x00WEBPVP8X":          WebP,
		"GIF89a\x01\x00\x01\x00\x00\x00\x00":    GIF,
		"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR": PNG,

		"":                                     Other,
		"\xFF\xD8\xFF":                         Other,
		"\xFF\xD8\xFF\xE0<script>alert(1)//":   Other,
		"\xFF\xD8\xFF\xE1\x00\x10hello":        Other,
		jfif + "\xFF\xFE\x00\x20<SCRIPT src=x": Other,
		jfif + "no marker here":                Other,
		"GIF89a/*\x01\x00*/=1;//<script>":      Other,
		"GIF89a":                               Other,
		"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>":  Other,
		"<?xml version='1.0'?><svg onload='x'/>":                       Other,
		"<!DOCTYPE html><title>x</title>":                              Other,
		"PK\x03\x04\x14\x00":                                           Other,
		"%PDF-x<script>":                                               Other,
		" %PDF-1.4":                                                    Other,
		"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif":             Other,
		"\x00\x00\x00\x18ftypmif1heic\x00\x00\x00\x00mif1":             Other, // heic is no brand here but the version
		"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic":             HEIC,
		"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR<html><body onload=x()>": Other,
		"MZ\x90\x00": Other,
	} {
		head := []byte(content[:min(len(content), HeadSize)])
		if got := Sniff(head, "photo.jpg"); got != want {
			t.Errorf("%.40q is %s, want %s", content, got, want)
		}
	}
}

func TestANameEarnsNothingAndCanLoseEverything(t *testing.T) {
	gps := testdata(t, "gps.jpg")[:HeadSize]
	for name, want := range map[string]Kind{"": JPEG, "x.png": JPEG, "x": JPEG, "x.svg": Other, "x.HTML": Other, "photo.jpg.js": Other} {
		if got := Sniff(gps, name); got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
}

func FuzzSniff(f *testing.F) {
	for _, name := range []string{"gps.jpg", "hall.heif"} {
		head, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(head[:HeadSize], name)
	}
	f.Add([]byte("\xFF\xD8\xFF\xE0<script>"), "x.jpg")
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"), "x.svg")
	f.Fuzz(func(t *testing.T, head []byte, name string) {
		kind := Sniff(head, name)
		if kind != Other && endings[kind] == nil {
			t.Errorf("unknown kind %q", kind)
		}
		if kind.Picture() && strings.Contains(strings.ToLower(string(head)), "<script") {
			t.Errorf("a page passes as %s", kind)
		}
	})
}
