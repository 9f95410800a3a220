package view

import (
	"strings"
	"text/template/parse"
)

// words finds what people read in a template, and puts other words there. A message is what stands between two tags, or in
// an attribute that is read, with a %s for every simple action in it; and what is given to a fragment as its label, title,
// text, help and so on.
type words struct {
	look    func(words string) (string, bool)
	counted map[string]string // plurals: many -> one
	uses    map[string]bool   // fragments
}

func translate(tree *parse.Tree, look func(string) (string, bool)) {
	w := &words{look: look, counted: map[string]string{}, uses: map[string]bool{}}
	w.list(tree.Root, &place{})
}

// place is where in HTML a template's text has come to.
type place struct {
	in        where
	tag, name string // of the element, and of its attribute
	quote     byte
	raw       string // the element whose content is no text: script, style
}

type where int

const (
	inText where = iota
	inTag
	inValue
)

// read are the attributes that people read or hear.
var read = map[string]bool{"aria-label": true, "title": true, "placeholder": true, "alt": true, "data-label": true, "data-none": true,
	"data-palette": true, "data-caption": true, "data-confirm": true, "data-busy": true, "aria-description": true, "data-say": true}

// told are the parts of a fragment's data that people read.
var told = map[string]bool{"Label": true, "Title": true, "Text": true, "Help": true, "Sub": true, "Action": true, "Blank": true, "Save": true,
	"Discard": true, "Placeholder": true, "After": true, "Before": true, "Error": true, "Here": true, "Note": true, "Question": true}

func (p *place) isRead() bool {
	return p.in == inText && p.raw == "" || p.in == inValue && read[p.name]
}

// layer is a list of nodes that is being made: run is what stands together at its end and may be one message.
type layer struct {
	tag      string // the inline element that it is the inside of; "" for a whole list
	out, run []parse.Node
}

// making is a list of nodes that is being translated. Elements within a sentence lie as layers above it.
type making struct {
	w      *words
	p      *place
	layers []layer
	closes bool // the tag that is being read closes the upper layer
}

func (m *making) top() *layer            { return &m.layers[len(m.layers)-1] }
func (m *making) put(node parse.Node)    { m.top().out = append(m.top().out, node) }
func (m *making) join(node parse.Node)   { m.top().run = append(m.top().run, node) }
func (m *making) open(tag string)        { m.layers = append(m.layers, layer{tag: tag}) }
func (m *making) within(tag string) bool { return m.top().tag == tag }

// flush ends what stands together.
func (m *making) flush() {
	l := m.top()
	l.out = append(l.out, m.w.message(l.run)...)
	l.run = nil
}

// shut ends the upper layer: what is in it stands in the sentence below as one thing.
func (m *making) shut() {
	m.flush()
	inner := m.top().out
	m.layers = m.layers[:len(m.layers)-1]
	m.join(&parse.ListNode{NodeType: parse.NodeList, Nodes: inner})
}

// end ends all layers; of an element that ends elsewhere the inside simply stands there.
func (m *making) end() []parse.Node {
	for len(m.layers) > 1 {
		m.flush()
		inner := m.top().out
		m.layers = m.layers[:len(m.layers)-1]
		m.flush()
		m.top().out = append(m.top().out, inner...)
	}
	m.flush()
	return m.top().out
}

// list translates the nodes of a list, which begins at p and leaves p where it ends.
func (w *words) list(list *parse.ListNode, p *place) {
	if list == nil {
		return
	}
	m := &making{w: w, p: p, layers: []layer{{}}}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.TextNode:
			m.text(node)
			continue
		case *parse.ActionNode:
			if p.isRead() && len(node.Pipe.Decl) == 0 && !drawn(node.Pipe) {
				w.pipe(node.Pipe, true)
				say(node.Pipe)
				m.join(node)
				continue
			}
			m.flush()
			w.pipe(node.Pipe, false)
		case *parse.TemplateNode:
			m.flush()
			w.uses[node.Name] = true
			w.pipe(node.Pipe, false)
		case *parse.IfNode:
			m.flush()
			w.branch(&node.BranchNode, p)
		case *parse.WithNode:
			m.flush()
			w.branch(&node.BranchNode, p)
		case *parse.RangeNode:
			m.flush()
			w.branch(&node.BranchNode, p)
		default:
			m.flush()
		}
		m.put(node)
	}
	list.Nodes = m.end()
}

func (w *words) branch(b *parse.BranchNode, p *place) {
	w.pipe(b.Pipe, false)
	other := *p
	w.list(b.List, p)
	w.list(b.ElseList, &other)
}

// inline are the elements that stand within a sentence.
var inline = map[string]bool{"a": true, "b": true, "strong": true, "em": true, "i": true, "kbd": true, "code": true, "time": true, "bdi": true, "abbr": true}

// text walks through HTML and cuts it where a message begins or ends.
func (m *making) text(node *parse.TextNode) {
	text, p, from := string(node.Text), m.p, 0
	cut := func(to int, joins bool) {
		if to > from {
			piece := &parse.TextNode{NodeType: parse.NodeText, Pos: node.Pos, Text: []byte(text[from:to])}
			if joins {
				m.join(piece)
			} else {
				m.put(piece)
			}
		}
		from = to
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch p.in {
		case inText:
			if p.raw != "" {
				if strings.HasPrefix(strings.ToLower(text[i:]), "</"+p.raw) {
					p.in, p.raw, p.tag, p.name = inTag, "", "/", ""
				}
				continue
			}
			if c != '<' || i+1 == len(text) || text[i+1] != '/' && text[i+1] != '!' && !isLetter(text[i+1]) {
				continue
			}
			cut(i, true)
			end := i + 1
			for end < len(text) && (isLetter(text[end]) || text[end] == '/' || text[end] >= '0' && text[end] <= '9') {
				end++
			}
			p.in, p.tag, p.name = inTag, strings.ToLower(text[i+1:end]), ""
			closed, closing := strings.CutPrefix(p.tag, "/")
			switch {
			case !closing && inline[p.tag]:
				m.open(p.tag)
			case closing && inline[closed] && m.within(closed):
				m.flush()
				m.closes = true
			default:
				m.flush()
			}
			i = end - 1
		case inTag:
			switch {
			case c == '>':
				p.in, p.name = inText, ""
				if p.tag == "script" || p.tag == "style" {
					p.raw = p.tag
				}
				cut(i+1, false)
				if m.closes {
					m.closes = false
					m.shut()
				}
			case c == '"' || c == '\'':
				p.in, p.quote = inValue, c
				if read[p.name] {
					cut(i+1, false)
				}
			case c == '=':
			case c == ' ' || c == '\n' || c == '\t' || c == '/':
				p.name = ""
			default:
				p.name += strings.ToLower(string(c))
			}
		case inValue:
			if c == p.quote {
				if read[p.name] {
					cut(i, true)
					m.flush()
				}
				p.in, p.name = inTag, ""
			}
		}
	}
	cut(len(text), p.isRead())
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
