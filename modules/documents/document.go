package documents

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/files"
)

// purpose marks our files in the library.
const purpose = "documents"

const (
	mostBytes   = 512 << 20 // of one file: 500 MB as people count, and a little
	keptInTrash = 30 * 24 * time.Hour
	longName    = 150

	longNameBytes = 200 // no disk takes many more
	longRemark    = 300
	deepest       = 20    // folders in each other
	mostFolders   = 500   // in one place
	mostInZip     = 10000 // files
	pageSize      = 60
	few           = 1000 // up to which lists are counted
	mostCounted   = 100  // and in a folder of a list
	textPreview   = 256 << 10
)

// Document is a file as people know it.
type Document struct {
	ID, ClientID, ProjectID, FolderID, PlaceID uuid.UUID
	Name, Caption                              string
	Shared, ByClient                           bool
	Sort                                       string // picture, pdf, text, other
	VersionID, FileID                          uuid.UUID
	Size                                       int64
	Guarded                                    string // scanning, infected; "": may be opened
	ChangedAt                                  time.Time
	Version                                    int // of the row
	TrashedAt                                  time.Time

	// of the current version
	Number    int
	Media     string
	Remark    string
	Reading   string
	Pages     int
	Author    string
	FileState string // new, ready, damaged
	Width     int
	Height    int

	// where it lies, as lists of many places say it
	FolderName, ProjectName, ClientName string
	Open                                bool // clients see it: it and all folders on the way are shared
}

// Picture reports whether it is one that we can show.
func (d Document) Picture() bool { return d.Sort == "picture" && d.FileState != "damaged" }

// Ready reports whether its pictures are made.
func (d Document) Ready() bool { return d.FileState == "ready" && d.Guarded == "" }

// Opens reports whether anybody may open it.
func (d Document) Opens() bool { return d.Guarded == "" }

// Thumb is the address of the small picture; "" when there is none.
func (d Document) Thumb() string { return d.variant("thumb") }

// Large is the address of the large one.
func (d Document) Large() string { return d.variant("large") }

func (d Document) variant(name string) string {
	if !d.Picture() || !d.Opens() {
		return ""
	}
	return files.URL(d.FileID, name)
}

// Icon is what stands for it where there is no picture.
func (d Document) Icon() string {
	switch {
	case d.Guarded == "infected":
		return "shield-alert"
	case d.Sort == "picture":
		return "image"
	case d.Sort == "pdf", d.Sort == "text":
		return "file-text"
	}
	return "file"
}

// SizeText is its size for people.
func (d Document) SizeText() string { return sizeText(d.Size) }

// KindText is what it is, in a word.
func (d Document) KindText() string {
	switch d.Sort {
	case "picture":
		return "Photo"
	case "pdf":
		return "PDF"
	}
	if ext := strings.TrimPrefix(path.Ext(d.Name), "."); ext != "" && len(ext) <= 5 {
		return strings.ToUpper(ext)
	}
	return "File"
}

// Version is what was in a document at a time.
type Version struct {
	ID, FileID uuid.UUID
	Number     int
	Name       string
	Media      string
	Size       int64
	Remark     string
	Restored   int
	Scan       string
	Virus      string
	Reading    string
	ByClient   bool
	Author     string
	CreatedAt  time.Time
	Current    bool
}

// SizeText is its size for people.
func (v Version) SizeText() string { return sizeText(v.Size) }

// Opens reports whether anybody may open it.
func (v Version) Opens() bool { return v.Scan == "off" || v.Scan == "clean" }

func sizeText(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(bytes)/(1<<30))
	case bytes >= 10<<20:
		return fmt.Sprintf("%d MB", bytes>>20)
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%d KB", bytes>>10)
	}
	return fmt.Sprintf("%d B", bytes)
}

// sortOf is what a file is for people: by its content, and texts by their ending as well.
func sortOf(kind files.Kind, name string, head []byte) string {
	switch {
	case kind == files.PDF:
		return "pdf"
	case kind.Picture():
		return "picture"
	case slices.Contains(texts, strings.ToLower(path.Ext(name))) && isText(head):
		return "text"
	}
	return "other"
}

var texts = []string{".txt", ".md", ".markdown", ".csv", ".tsv", ".log", ".ics", ".json", ".yaml", ".yml"}

// isText: no zeros, and whole letters but for the last one, which may be cut.
func isText(head []byte) bool {
	for i := range min(4, len(head)) {
		if utf8.Valid(head[:len(head)-i]) {
			return !slices.Contains(head, 0)
		}
	}
	return len(head) == 0
}

// nameOf checks a name that somebody typed; the ending of a file stays what it is.
func nameOf(typed, was string) (string, error) {
	if strings.TrimSpace(typed) == "" {
		return "", fault.Field("name", "Enter a name.")
	}
	if strings.ContainsAny(typed, `/\`) {
		return "", fault.Field("name", "A name holds no / and no \\.")
	}
	if typed = strings.TrimSpace(typed); utf8.RuneCountInString(typed) > longName || len(typed) > longNameBytes {
		return "", fault.Field("name", fmt.Sprintf("Use at most %d characters.", min(longName, utf8.RuneCountInString(typed)-1)))
	}
	name := files.CleanName(typed)
	if ext := path.Ext(was); ext != "" && path.Ext(name) == "" {
		name += ext
	}
	return name, nil
}

// numbered is a name beside one that is taken: "plan (2).pdf".
func numbered(name string, n int) string {
	if n < 2 {
		return name
	}
	ext := path.Ext(name)
	return fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), n, ext)
}
