package view

import (
	"html/template"
	"maps"
	"slices"
	"sync"
	"text/template/parse"

	"portico/platform/lang"
)

// speak makes the set of all templates in a reader's language. Templates are written in English; what people read of one is
// replaced where it is parsed, so that drawing costs what it costs in English and a template stays as it reads.
func (e *Engine) speak(r *lang.Reader) (*template.Template, error) {
	all := template.New("").Funcs(e.funcs).Funcs(template.FuncMap{
		"day": r.Day, "instant": r.Instant, "clock": r.Clock, "plural": r.Plural, "say": r.Words, "words": func(words string) string { return r.Say(words) },
	})
	for name, source := range e.sources {
		trees, err := parsed(name, source)
		if err != nil {
			return nil, err
		}
		tree := trees[name]
		if tree == nil { // nothing but comments
			tree = &parse.Tree{Name: name, Root: &parse.ListNode{NodeType: parse.NodeList}}
		}
		translate(tree, r.Look)
		if _, err := all.AddParseTree(name, tree); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func parsed(name, source string) (map[string]*parse.Tree, error) {
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	_, err := tree.Parse(source, "", "", trees)
	return trees, err
}

// In is the engine that draws for a reader.
func (e *Engine) In(r *lang.Reader) *Engine {
	if r.IsEnglish() {
		return e
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.others == nil {
		e.others = map[string]*Engine{}
	}
	known := e.others[r.Code+r.Locale()]
	if known == nil {
		templates, err := e.speak(r)
		if err != nil { // every template was parsed at boot
			return e
		}
		known = &Engine{templates: templates}
		if r.IsTest() {
			known.drawn = &sync.Map{}
		}
		e.others[r.Code+r.Locale()] = known
	}
	return known
}

// Drawn lists what was drawn for a reader of a language of tests.
func (e *Engine) Drawn(r *lang.Reader) (names []string) {
	if drawn := e.In(r).drawn; drawn != nil {
		drawn.Range(func(name, _ any) bool { names = append(names, name.(string)); return true })
	}
	return names
}

// Words collects what people read in the named templates and in those they use: messages, and the plurals among them by
// their form for several.
func (e *Engine) Words(names ...string) (said map[string]bool, counted map[string]string) {
	said, counted = map[string]bool{}, map[string]string{}
	seen := map[string]bool{}
	for len(names) > 0 {
		name := names[0]
		names = names[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		trees, err := parsed(name, e.sources[name])
		if err != nil || trees[name] == nil {
			continue
		}
		w := &words{look: func(words string) (string, bool) { said[words] = true; return words, false }, counted: counted, uses: map[string]bool{}}
		w.list(trees[name].Root, &place{})
		names = slices.AppendSeq(names, maps.Keys(w.uses))
	}
	return said, counted
}

// Names lists all templates.
func (e *Engine) Names() []string { return slices.Sorted(maps.Keys(e.sources)) }
