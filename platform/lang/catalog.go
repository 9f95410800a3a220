package lang

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// files hold an object for each language: English words to their translation, or to the two forms of it (for one thing,
// and for several) where the words are counted.
//
//go:embed words
var files embed.FS

type words map[string]translation

type translation struct{ one, other string }

func (t *translation) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &t.other); err == nil {
		return nil
	}
	var forms []string
	if err := json.Unmarshal(text, &forms); err != nil || len(forms) != 2 {
		return fmt.Errorf("want words, or the words for one and for several: %s", text)
	}
	t.one, t.other = forms[0], forms[1]
	return nil
}

var readers sync.Map // locale -> *Reader

// catalogs are read once. A file that cannot be read stops the program: the tests read all of them.
var catalogs = sync.OnceValue(func() map[string]words {
	all := map[string]words{}
	for _, code := range Codes()[1:] {
		text, err := files.ReadFile("words/" + code + ".json")
		if err != nil {
			panic(err)
		}
		var of words
		if err := json.Unmarshal(text, &of); err != nil {
			panic(fmt.Sprintf("words of %s: %v", code, err))
		}
		all[code] = of
	}
	return all
})

// Known lists the messages that a language has words for.
func Known(code string) []string { return slices.Sorted(maps.Keys(catalogs()[code])) }

// Forms gives the words of a message, for tests: one is empty where it is not counted.
func Forms(code, words string) (one, other string) {
	t := catalogs()[code][words]
	return t.one, t.other
}
