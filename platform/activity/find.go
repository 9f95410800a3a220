package activity

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// Filter is which entries of a log somebody wants to see; the zero Filter means all of them.
type Filter struct {
	Actor, Client, Project uuid.UUID
	Kind                   string    // a group of deeds ("client"), or one ("client.changed")
	From, Until            time.Time // Until is the first instant that is not meant
	Words                  string    // all of them are in the sentence, or in the name of who did it
	News                   bool      // without the parts of bigger deeds
}

// Found is one page of entries, the newest first.
type Found struct {
	Entries []Entry
	Next    Place     // where to go on; zero: nowhere
	Back    time.Time // words only: how far back was looked, when that is not the whole log
}

// group reports whether the kind is a group of deeds.
func (f Filter) group() bool { return f.Kind != "" && !strings.Contains(f.Kind, ".") }

// narrow reports whether a person, client or project keeps the entries few.
func (f Filter) narrow() bool {
	return f.Actor != uuid.Nil || f.Client != uuid.Nil || f.Project != uuid.Nil
}

// like are the words as patterns.
func (f Filter) like() []string {
	var patterns []string
	for _, word := range strings.Fields(f.Words) {
		patterns = append(patterns, "%"+likely.Replace(word)+"%")
	}
	return patterns[:min(len(patterns), 8)]
}

var likely = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Place is where a page of entries ends; the zero one is before the newest.
type Place struct {
	At time.Time
	ID uuid.UUID
}
