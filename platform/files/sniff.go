package files

import (
	"bytes"
	"encoding/binary"
	"path"
	"slices"
	"strings"
)

// Kind is what a file is by its content, as a media type.
type Kind string

// The kinds we know. Everything else is Other: kept, and given back as a download.
const (
	JPEG  Kind = "image/jpeg"
	PNG   Kind = "image/png"
	WebP  Kind = "image/webp"
	GIF   Kind = "image/gif"
	HEIC  Kind = "image/heic"
	PDF   Kind = "application/pdf"
	Other Kind = "application/octet-stream"
)

// endings begin with the ending that is given to a file we name.
var endings = map[Kind][]string{
	JPEG: {".jpg", ".jpeg"}, PNG: {".png"}, WebP: {".webp"}, GIF: {".gif"}, HEIC: {".heic", ".heif"}, PDF: {".pdf"},
}

// Picture says whether Image can try to read it.
func (k Kind) Picture() bool { return k != PDF && endings[k] != nil }

func known(mediaType string) Kind {
	if k := Kind(mediaType); endings[k] != nil {
		return k
	}
	return Other
}

// HeadSize is how many bytes of the beginning Sniff wants to see.
const HeadSize = 3 << 10

// Sniff tells the kind from the first bytes. A name earns no trust; it can only lose it: what a
// browser would run by its name is never a picture.
func Sniff(head []byte, name string) Kind {
	if slices.Contains(active, strings.ToLower(path.Ext(name))) {
		return Other
	}
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")) && len(head) > 5 && head[5] >= '1' && head[5] <= '9':
		return PDF
	case markup(head):
		return Other
	case isJPEG(head):
		return JPEG
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")):
		return PNG
	case isGIF(head):
		return GIF
	case isWebP(head):
		return WebP
	case isHEIC(head):
		return HEIC
	}
	return Other
}

var active = []string{".svg", ".svgz", ".htm", ".html", ".shtml", ".xhtml", ".xht", ".mht", ".mhtml", ".xml", ".xsl", ".js", ".mjs", ".swf", ".hta", ".url", ".exe", ".bat", ".cmd", ".com", ".scr", ".php"}

// markup finds pages dressed up as pictures; no camera writes such words.
func markup(head []byte) bool {
	lower := bytes.ToLower(head)
	return slices.ContainsFunc(tags, func(tag string) bool { return bytes.Contains(lower, []byte(tag)) })
}

var tags = []string{"<script", "<html", "<!doctype", "<svg ", "<svg>", "<iframe", "<?php", "javascript:"}

// isJPEG walks the segments it can see: three magic bytes alone are easily said.
func isJPEG(head []byte) bool {
	if !bytes.HasPrefix(head, []byte{0xFF, 0xD8, 0xFF}) {
		return false
	}
	at := 2
	for at+4 <= len(head) {
		marker, size := head[at+1], int(binary.BigEndian.Uint16(head[at+2:]))
		body := head[at+4:]
		switch {
		case head[at] != 0xFF || size < 2:
			return false
		case marker == 0xFF: // padding
			at++
			continue
		case marker >= 0xC0 && marker <= 0xC2: // the picture itself
			return size >= 11
		case marker == 0xE0 && !startsWith(body, "JFIF\x00", "JFXX\x00", "AVI1"):
			return false
		case marker == 0xE1 && !startsWith(body, "Exif\x00", "http://"):
			return false
		case marker != 0xDB && marker != 0xC4 && marker != 0xDD && marker != 0xFE && marker&0xF0 != 0xE0:
			return false
		}
		at += 2 + size
	}
	return at > 2
}

func startsWith(b []byte, any ...string) bool {
	return slices.ContainsFunc(any, func(s string) bool { return bytes.HasPrefix(b, []byte(s)) })
}

func isGIF(head []byte) bool {
	return len(head) >= 13 && startsWith(head, "GIF87a", "GIF89a") &&
		binary.LittleEndian.Uint16(head[6:]) > 0 && binary.LittleEndian.Uint16(head[8:]) > 0
}

func isWebP(head []byte) bool {
	return len(head) >= 16 && startsWith(head, "RIFF") && startsWith(head[8:], "WEBPVP8 ", "WEBPVP8L", "WEBPVP8X")
}

// isHEIC looks for a brand that promises HEVC; AVIF shares the container and not the codec.
func isHEIC(head []byte) bool {
	if len(head) < 16 || !startsWith(head[4:], "ftyp") {
		return false
	}
	size := int(binary.BigEndian.Uint32(head))
	if size < 16 || size > len(head) || size%4 != 0 {
		return false
	}
	for at := 8; at < size; at += 4 {
		if at != 12 && startsWith(head[at:], "heic", "heix", "heim", "heis") {
			return true
		}
	}
	return false
}
