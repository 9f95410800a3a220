package view

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"text/template/parse"
	"unicode"
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

// message translates what stands together. Separators and actions at either end that say nothing stay where they are.
func (w *words) message(run []parse.Node) []parse.Node {
	var key strings.Builder
	var actions []parse.Node
	letters := false
	for _, node := range run {
		if text, ok := node.(*parse.TextNode); ok {
			plain := html.UnescapeString(string(text.Text))
			letters = letters || strings.ContainsFunc(plain, unicode.IsLetter)
			key.WriteString(strings.ReplaceAll(plain, "%", "%%"))
			continue
		}
		key.WriteString("%s")
		actions = append(actions, node)
	}
	if !letters {
		return flat(run)
	}
	whole := key.String()
	trimmed := strings.TrimSpace(whole)
	if len(actions) == 0 {
		trimmed = strings.ReplaceAll(trimmed, "%%", "%")
	}
	said, known := w.look(strings.Join(strings.Fields(trimmed), " "))
	if !known {
		return flat(run)
	}
	lead, tail := space(whole[:len(whole)-len(strings.TrimLeft(whole, " \n\t"))]), space(whole[len(strings.TrimRight(whole, " \n\t")):])
	var out []parse.Node
	put := func(s string) {
		if s = html.EscapeString(s); s != "" {
			out = append(out, &parse.TextNode{NodeType: parse.NodeText, Pos: run[0].Position(), Text: []byte(s)})
		}
	}
	put(lead)
	if len(actions) == 0 {
		put(said)
	} else {
		for _, part := range partsOf(said) {
			if part.arg < 0 {
				put(part.text)
			} else if part.arg < len(actions) {
				out = append(out, actions[part.arg])
			}
		}
	}
	put(tail)
	return flat(out)
}

// flat takes elements apart again.
func flat(nodes []parse.Node) (out []parse.Node) {
	for _, node := range nodes {
		if list, ok := node.(*parse.ListNode); ok {
			out = append(out, flat(list.Nodes)...)
			continue
		}
		out = append(out, node)
	}
	return out
}

func space(s string) string {
	if s == "" {
		return ""
	}
	return " "
}

// part is a piece of a message: words, or the place of an argument.
type part struct {
	text string
	arg  int // -1: words
}

// partsOf cuts a message at its %s and %[2]s; %% is a percent sign.
func partsOf(said string) (parts []part) {
	next := 0
	for said != "" {
		at := strings.IndexByte(said, '%')
		if at < 0 {
			return append(parts, part{said, -1})
		}
		if at > 0 {
			parts = append(parts, part{said[:at], -1})
		}
		said = said[at+1:]
		switch {
		case strings.HasPrefix(said, "%"):
			parts, said = append(parts, part{"%", -1}), said[1:]
		case strings.HasPrefix(said, "["):
			number, rest, _ := strings.Cut(said[1:], "]")
			n, err := strconv.Atoi(number)
			if err == nil {
				parts, next = append(parts, part{"", n - 1}), n
			}
			said = strings.TrimPrefix(rest, "s")
		case said != "":
			parts, said = append(parts, part{"", next}), said[1:]
			next++
		}
	}
	return parts
}

// drawn reports whether an action prints markup: a symbol, an address, a fragment that is drawn already.
func drawn(pipe *parse.PipeNode) bool {
	for _, command := range pipe.Cmds {
		if name, ok := command.Args[0].(*parse.IdentifierNode); ok && (name.Ident == "icon" || name.Ident == "asset" || name.Ident == "json") {
			return true
		}
	}
	return false
}

// say lets the action print a Text in the reader's language.
func say(pipe *parse.PipeNode) {
	pipe.Cmds = append(pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pipe.Pos, Args: []parse.Node{parse.NewIdentifier("say").SetPos(pipe.Pos)}})
}

// pipe translates the words in a pipeline; spoken is true where what it gives is read.
func (w *words) pipe(pipe *parse.PipeNode, spoken bool) {
	if pipe == nil {
		return
	}
	for i, command := range pipe.Cmds {
		w.command(command, spoken && i == len(pipe.Cmds)-1)
	}
}

func (w *words) command(c *parse.CommandNode, spoken bool) {
	name, _ := c.Args[0].(*parse.IdentifierNode)
	switch {
	case name == nil:
		if len(c.Args) == 1 {
			w.value(c.Args[0], spoken)
			return
		}
		for _, arg := range c.Args[1:] {
			w.value(arg, false)
		}
	case name.Ident == "args":
		for i := 1; i+1 < len(c.Args); i += 2 {
			key, ok := c.Args[i].(*parse.StringNode)
			w.value(c.Args[i+1], ok && told[key.Text])
		}
	case name.Ident == "plural":
		if len(c.Args) == 4 {
			one, ok1 := c.Args[2].(*parse.StringNode)
			many, ok2 := c.Args[3].(*parse.StringNode)
			if ok1 && ok2 {
				w.counted[many.Text] = one.Text
			}
		}
	case name.Ident == "print" && spoken:
		w.printed(c)
	case name.Ident == "or", name.Ident == "and", name.Ident == "say":
		for i, arg := range c.Args[1:] {
			last := i == len(c.Args)-2
			w.value(arg, spoken && (name.Ident == "or" || last))
		}
	default:
		for _, arg := range c.Args[1:] {
			w.value(arg, false)
		}
	}
}

func (w *words) value(node parse.Node, spoken bool) {
	switch node := node.(type) {
	case *parse.StringNode:
		if !spoken || !strings.ContainsFunc(node.Text, unicode.IsLetter) {
			return
		}
		if said, known := w.look(node.Text); known {
			node.Text, node.Quoted = said, strconv.Quote(said)
		}
	case *parse.PipeNode:
		w.pipe(node, spoken)
	}
}

// printed translates `print "Due " .Day "."` as one message.
func (w *words) printed(c *parse.CommandNode) {
	var key strings.Builder
	var given []parse.Node
	letters := false
	for _, arg := range c.Args[1:] {
		if text, ok := arg.(*parse.StringNode); ok {
			letters = letters || strings.ContainsFunc(text.Text, unicode.IsLetter)
			key.WriteString(strings.ReplaceAll(text.Text, "%", "%%"))
			continue
		}
		w.value(arg, true)
		key.WriteString("%s")
		given = append(given, spokenArg(arg))
	}
	if !letters {
		return
	}
	whole := key.String()
	if strings.HasPrefix(whole, "%s/") { // an address
		return
	}
	said, known := w.look(strings.TrimSpace(whole))
	if !known {
		return
	}
	lead, tail := whole[:len(whole)-len(strings.TrimLeft(whole, " "))], whole[len(strings.TrimRight(whole, " ")):]
	args := []parse.Node{c.Args[0]}
	for _, part := range partsOf(lead + said + tail) {
		switch {
		case part.arg < 0:
			args = append(args, &parse.StringNode{NodeType: parse.NodeString, Pos: c.Pos, Quoted: strconv.Quote(part.text), Text: part.text})
		case part.arg < len(given):
			args = append(args, given[part.arg])
		}
	}
	c.Args = args
}

// spokenArg prints a Text among others in the reader's language.
func spokenArg(arg parse.Node) parse.Node {
	pipe, ok := arg.(*parse.PipeNode)
	if !ok {
		text := fmt.Sprintf("{{say %s}}", arg)
		trees, err := parsed("", text)
		if err != nil || trees[""] == nil {
			return arg
		}
		action := trees[""].Root.Nodes[0].(*parse.ActionNode)
		return action.Pipe
	}
	say(pipe)
	return pipe
}
