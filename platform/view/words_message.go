package view

import (
	"html"
	"strconv"
	"strings"
	"text/template/parse"
	"unicode"
)

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
