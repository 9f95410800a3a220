package view

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"portico/platform/lang"
)

// What scripts say stands in them in English, as in templates: say("Page %s of %s", n, all), count(n, "%s change", "%s changes").
var (
	saidInScript    = regexp.MustCompile(`(?:^|[^.\w])say\(("(?:[^"\\]|\\.)*")`)
	countedInScript = regexp.MustCompile(`(?:^|[^.\w])count\([^";]*, ("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*")`)
)

// scriptWords collects the messages of a script: said as such, and counted by their form for several.
func scriptWords(script string, said map[string]bool, counted map[string]string) error {
	for _, found := range saidInScript.FindAllStringSubmatch(script, -1) {
		words, err := unquoted(found[1])
		if err != nil {
			return err
		}
		said[words] = true
	}
	for _, found := range countedInScript.FindAllStringSubmatch(script, -1) {
		one, err := unquoted(found[1])
		if err != nil {
			return err
		}
		many, err := unquoted(found[2])
		if err != nil {
			return err
		}
		counted[many] = one
	}
	return nil
}

func unquoted(text string) (words string, err error) {
	if err = json.Unmarshal([]byte(text), &words); err != nil {
		err = fmt.Errorf("a message of a script: %s: %w", text, err)
	}
	return words, err
}

// speak makes a file of what scripts say for each language: the scripts are one for all readers, and kept for ever as well.
func (a *Assets) speak() error {
	a.said, a.counted = map[string]bool{}, map[string]string{}
	for name, asset := range a.byName {
		if strings.HasSuffix(name, ".js") && !strings.HasPrefix(name, "vendor/") {
			if err := scriptWords(string(asset.Body), a.said, a.counted); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	for _, locale := range append(lang.Codes()[1:], lang.Accents, lang.Mirrored) {
		r := lang.Of(locale)
		words := map[string]any{}
		for message := range a.said {
			if said, known := r.Look(message); known {
				words[message] = said
			}
		}
		for many, one := range a.counted {
			words[many] = [2]string{r.Plural(1, one, many), r.Plural(2, one, many)}
		}
		text, err := json.Marshal(words)
		if err != nil {
			return err
		}
		a.add("words/"+r.Code+".js", append(append([]byte("globalThis.porticoWords = "), text...), ";\n"...))
	}
	return nil
}

// Words is the address of what scripts say in a language; "" in English, in which they are written.
func (a *Assets) Words(code string) string {
	if asset, ok := a.byName["words/"+code+".js"]; ok {
		return asset.URL
	}
	return ""
}

// Said lists the messages of scripts: those that are said, and those that are counted by their form for several.
func (a *Assets) Said() (said map[string]bool, counted map[string]string) { return a.said, a.counted }
