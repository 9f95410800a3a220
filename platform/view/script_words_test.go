package view

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"portico/platform/lang"
	"portico/views"
)

func TestScriptsAreSaidInEachLanguage(t *testing.T) {
	t.Parallel()
	script := `const { say, count } = portico;
		tell(say("Page %s of %s", n, all)); this.say("not a message"); box.title = first ? say("Say \"yes\"") : say("Close");
		words = count(list.filter(one).length, "%s unsaved change", "%s unsaved changes") + count(n, "photo");`
	a, err := NewAssets(fstest.MapFS{"assets/js/1.js": {Data: []byte(script)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	said, counted := a.Said()
	if len(said) != 3 || !said["Page %s of %s"] || !said[`Say "yes"`] || !said["Close"] || len(counted) != 1 || counted["%s unsaved changes"] != "%s unsaved change" {
		t.Errorf("%v %v", said, counted)
	}
	if a.Words("en") != "" {
		t.Error("English has a file of its own")
	}
	words, found := a.At(a.Words(lang.Accents))
	if !found || !strings.HasPrefix(string(words.Body), "globalThis.porticoWords = {") || !strings.Contains(string(words.Body), `"Close":"⟦Clösé⟧"`) ||
		!strings.Contains(string(words.Body), `"%s unsaved changes":["⟦%s ünsávéd çhángé⟧","⟦%s ünsávéd çhángés⟧"]`) {
		t.Errorf("%s", words.Body)
	}
}

// Words that a script shows beside say are English to everybody. Those of the office's own scripts may be: the office is.
func TestScriptsOfClientsSayNothingInEnglishAlone(t *testing.T) {
	t.Parallel()
	literal := regexp.MustCompile("(?:(\\bsay\\(|\\bcount\\([^\"]*, |new Error\\(|, )?)([\"`])((?:[^\"`\\\\]|\\\\.)*)[\"`]")
	markup := regexp.MustCompile(`(?:aria-label|title|placeholder)="([A-Z][^"$]*)"|>([A-Z]?[a-z]+[^<>{}$=;()]*)<`)
	sentence := regexp.MustCompile(`^[A-Z][a-z]+( [a-z]+)+|^[A-Z][a-z]{3,}…?$`)
	office := []string{"assets/page/dailylog.js", "assets/page/place.js", "assets/page/gantt.js", "assets/page/week.js"}
	names := []string{"Accept", "Enter", "Escape", "Error", "Infinity", "Files", "Home", "Content", "Arrow", "Notification", "IMG", "InvalidStateError", "NotAllowedError", "AbortError"}
	err := fs.WalkDir(views.FS, "assets", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".js") || strings.Contains(file, "vendor/") || slices.Contains(office, file) {
			return err
		}
		body, err := fs.ReadFile(views.FS, file)
		for n, line := range strings.Split(string(body), "\n") {
			if at := strings.Index(line, "// "); at >= 0 {
				line = line[:at]
			}
			for _, found := range literal.FindAllStringSubmatch(line, -1) {
				words := found[3]
				if strings.HasPrefix(found[1], "say(") || strings.HasPrefix(found[1], "count(") || found[1] == "new Error(" || slices.Contains(names, words) || !sentence.MatchString(words) {
					continue
				}
				t.Errorf("%s:%d shows %q", file, n+1, words)
			}
			for _, found := range markup.FindAllStringSubmatch(line, -1) {
				if words := found[1] + found[2]; words != "Enter" && words != "Esc" { // keys
					t.Errorf("%s:%d shows %q", file, n+1, words)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
