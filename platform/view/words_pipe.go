package view

import (
	"fmt"
	"strconv"
	"strings"
	"text/template/parse"
	"unicode"
)

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
