package portaltest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

var hxMethods = map[string]string{"hx-get": "GET", "hx-post": "POST", "hx-put": "PUT", "hx-patch": "PATCH", "hx-delete": "DELETE"}

// hxURL is where an element's own hx- attribute points; "" when it has none.
func hxURL(n *html.Node) string {
	_, address := hxCall(n)
	return address
}

func hxCall(n *html.Node) (method, address string) {
	for name, method := range hxMethods {
		if hasAttr(n, name) {
			if address := attr(n, name); address != "" {
				return method, address
			}
			return method, "."
		}
	}
	return "", ""
}

// inherited is an hx- attribute of the element or of what is around it.
func inherited(n *html.Node, name string) string {
	if around := closest(n, func(up *html.Node) bool { return hasAttr(up, name) }); around != nil {
		return attr(around, name)
	}
	return ""
}

// swap does what htmx does when the element is triggered: ask, then put the answer where it belongs.
func (b *Browser) swap(n, button *html.Node) {
	b.t.Helper()
	method, address := hxCall(n)
	form := n
	if n.Data != "form" {
		if form = b.formOf(n); method == "GET" {
			form = nil // a GET sends the fields of its own form only
		}
	}
	var entries []entry
	if form != nil {
		entries = b.entries(form, button)
	} else if name := attr(n, "name"); name != "" {
		entries = append(entries, entry{name: name, value: b.valueOf(n)})
	}
	if include := inherited(n, "hx-include"); include != "" {
		for _, part := range b.targets(n, include) {
			for _, field := range all(part, tag("input", "select", "textarea")) {
				if attr(field, "name") != "" {
					entries = append(entries, b.entriesOf(field, nil)...)
				}
			}
		}
	}
	if vals := inherited(n, "hx-vals"); vals != "" {
		more := map[string]any{}
		if err := json.Unmarshal([]byte(vals), &more); err != nil {
			b.t.Fatalf("hx-vals %q: %v", vals, err)
		}
		for name, value := range more {
			entries = append(entries, entry{name: name, value: fmt.Sprint(value)})
		}
	}
	target := b.target(n)
	answer := b.askHX(method, address, entries, inherited(n, "hx-encoding") == "multipart/form-data" || attr(n, "enctype") == "multipart/form-data",
		"HX-Target", attr(target, "id"), "HX-Trigger", attr(n, "id"), "HX-Trigger-Name", attr(n, "name"))
	b.take(answer, n, target)
}

// askHX sends a request with htmx's headers.
func (b *Browser) askHX(method, address string, entries []entry, parts bool, headers ...string) Answer {
	b.t.Helper()
	headers = append([]string{"HX-Request", "true", "HX-Current-URL", b.URL()}, headers...)
	if meta := first(b.tab.doc, selects(`meta[name=csrf]`)); meta != nil {
		headers = append(headers, "X-CSRF-Token", attr(meta, "content"))
	}
	if address == "." {
		address = b.Path()
	}
	var body io.Reader
	if method == "GET" || method == "DELETE" {
		if len(entries) > 0 {
			u := must1(url.Parse(address))
			values := u.Query()
			for name, more := range query(entries) {
				values[name] = more
			}
			u.RawQuery = values.Encode()
			address = u.String()
		}
	} else {
		encoding := ""
		if parts {
			encoding = "multipart/form-data"
		}
		text, media := b.encode(entries, encoding)
		body = bytes.NewReader(text)
		headers = append(headers, "Content-Type", media)
	}
	return b.Ask(method, address, body, headers...)
}

// take makes of an answer what htmx makes of it.
func (b *Browser) take(a Answer, n, target *html.Node) {
	b.t.Helper()
	if to := a.Header.Get("HX-Redirect"); to != "" {
		b.navigate("GET", b.address(to), nil, "")
		return
	}
	if a.Header.Get("HX-Refresh") == "true" {
		b.navigate("GET", b.URL(), nil, "")
		return
	}
	if a.Status >= 300 && a.Status < 400 { // the script's own requests follow redirects unseen
		b.navigate("GET", must1(a.URL.Parse(a.Header.Get("Location"))).String(), nil, "")
		return
	}
	b.keep(a)
	b.hear(a)
	if a.Status == 204 || a.Status >= 400 && a.Status != 422 {
		return
	}
	how := inherited(n, "hx-swap")
	if to := a.Header.Get("HX-Reswap"); to != "" {
		how = to
	}
	if to := a.Header.Get("HX-Retarget"); to != "" {
		target = first(b.tab.doc, selects(to))
	}
	b.merge(string(a.Body), target, how, a.URL.Path)
	push := a.Header.Get("HX-Push-Url")
	if push == "" {
		push = inherited(n, "hx-push-url")
	}
	switch push {
	case "", "false":
	case "true":
		b.tab.url = a.URL
	default:
		b.tab.url = must1(url.Parse(b.address(push)))
	}
	b.loadParts()
}

// merge puts the pieces of an answer where they belong: those that say hx-swap-oob first, the rest into the target.
func (b *Browser) merge(text string, target *html.Node, how, from string) {
	b.t.Helper()
	var rest []*html.Node
	for _, piece := range fragment(text) {
		if piece.Type == html.ElementNode && hasAttr(piece, "hx-swap-oob") {
			b.outOfBand(piece, from)
			continue
		}
		for _, inner := range all(piece, func(n *html.Node) bool { return n != piece && hasAttr(n, "hx-swap-oob") }) {
			inner.Parent.RemoveChild(inner)
			b.outOfBand(inner, from)
		}
		rest = append(rest, piece)
	}
	if target == nil {
		b.t.Fatalf("the answer of %s has no place on %s:\n%s", from, b.Path(), text)
	}
	place(target, rest, how)
}

func (b *Browser) outOfBand(piece *html.Node, from string) {
	b.t.Helper()
	how, where, _ := strings.Cut(attr(piece, "hx-swap-oob"), ":")
	if how == "morph" || how == "true" { // morph:outerHTML
		how, where = "outerHTML", ""
	}
	dropAttr(piece, "hx-swap-oob")
	target := byID(b.tab.doc, attr(piece, "id"))
	if where != "" {
		target = first(b.tab.doc, selects(where))
	}
	if target == nil {
		return // as htmx does: what has no place is dropped
	}
	if how == "outerHTML" {
		place(target, []*html.Node{piece}, how)
		return
	}
	var children []*html.Node
	for c := piece.FirstChild; c != nil; c = c.NextSibling {
		children = append(children, c)
	}
	place(target, children, how)
}

func place(target *html.Node, pieces []*html.Node, how string) {
	how = strings.Fields(how + " innerHTML")[0]
	how = strings.TrimPrefix(how, "morph:")
	if how == "morph" {
		how = "outerHTML"
	}
	for _, p := range pieces {
		if p.Parent != nil {
			p.Parent.RemoveChild(p)
		}
	}
	parent := target.Parent
	before := target
	switch how {
	case "none":
		return
	case "delete":
		parent.RemoveChild(target)
		return
	case "innerHTML":
		for target.FirstChild != nil {
			target.RemoveChild(target.FirstChild)
		}
		parent, before = target, nil
	case "beforeend":
		parent, before = target, nil
	case "afterbegin":
		parent, before = target, target.FirstChild
	case "afterend":
		before = target.NextSibling
	}
	for _, p := range pieces {
		parent.InsertBefore(p, before)
	}
	if how == "outerHTML" {
		parent.RemoveChild(target)
	}
}

func (b *Browser) target(n *html.Node) *html.Node {
	b.t.Helper()
	where := inherited(n, "hx-target")
	if where == "this" {
		return closest(n, func(up *html.Node) bool { return hasAttr(up, "hx-target") })
	}
	if where == "" {
		return n
	}
	if found := b.targets(n, where); len(found) > 0 {
		return found[0]
	}
	b.t.Fatalf("hx-target %q of %s is not on %s", where, hxURL(n), b.Path())
	return nil
}

func (b *Browser) targets(n *html.Node, where string) []*html.Node {
	how, css, _ := strings.Cut(where, " ")
	switch how {
	case "this":
		return []*html.Node{n}
	case "closest":
		if up := closest(n, selects(css)); up != nil {
			return []*html.Node{up}
		}
		return nil
	case "find":
		return all(n, selects(css))
	case "next", "previous":
		everything := all(b.tab.doc, func(*html.Node) bool { return true })
		return beside(everything, n, how == "next", selects(css))
	}
	return all(b.tab.doc, selects(where))
}

func beside(everything []*html.Node, n *html.Node, after bool, fits func(*html.Node) bool) []*html.Node {
	var before, next []*html.Node
	passed := false
	for _, e := range everything {
		switch {
		case e == n:
			passed = true
		case !fits(e):
		case passed:
			next = append(next, e)
		default:
			before = append([]*html.Node{e}, before...)
		}
	}
	if after {
		return next
	}
	return before
}

// hear does what our scripts do with the events that an answer names.
func (b *Browser) hear(a Answer) {
	events := map[string]json.RawMessage{}
	said := a.Header.Get("HX-Trigger")
	if said == "" {
		return
	}
	if json.Unmarshal([]byte(said), &events) != nil {
		for _, name := range strings.Split(said, ",") {
			events[strings.TrimSpace(name)] = nil
		}
	}
	if _, closes := events["dialog:close"]; closes {
		for _, open := range all(b.tab.doc, tag("dialog")) {
			if open.Parent != nil {
				open.Parent.RemoveChild(open)
			}
		}
	}
	var toast struct{ Text, Value string }
	if box := byID(b.tab.doc, "toasts"); box != nil && events["toast"] != nil && json.Unmarshal(events["toast"], &toast) == nil {
		box.AppendChild(&html.Node{Type: html.TextNode, Data: " " + toast.Text + toast.Value + " "})
	}
}

// openDialog does what a[data-dialog] does.
func (b *Browser) openDialog(link *html.Node) {
	b.t.Helper()
	a := b.askHX("GET", attr(link, "href"), nil, false, "HX-Target", "dialog-body")
	host := first(b.tab.doc, tag("dialog-host"))
	if host == nil {
		host = first(b.tab.doc, tag("body"))
	}
	for host.FirstChild != nil {
		host.RemoveChild(host.FirstChild)
	}
	body := &html.Node{Type: html.ElementNode, Data: "div", Attr: []html.Attribute{{Key: "id", Val: "dialog-body"}}}
	box := &html.Node{Type: html.ElementNode, Data: "dialog"}
	box.AppendChild(body)
	host.AppendChild(box)
	b.take(a, body, body)
	if first(body, func(n *html.Node) bool { return n != body }) == nil && body.Parent != nil && closest(body, tag("html")) != nil {
		b.navigate("GET", b.address(attr(link, "href")), nil, "")
	}
}

// loadParts fetches what the page fetches by itself: hx-trigger="load" or "revealed".
func (b *Browser) loadParts() {
	b.t.Helper()
	const mark = "data-portaltest-loaded"
	for range 50 {
		part := first(b.tab.doc, func(n *html.Node) bool {
			trigger := attr(n, "hx-trigger")
			return hasAttr(n, "hx-get") && !hasAttr(n, mark) &&
				(strings.HasPrefix(trigger, "load") || strings.HasPrefix(trigger, "revealed") || strings.HasPrefix(trigger, "intersect"))
		})
		if part == nil {
			return
		}
		setAttr(part, mark, "")
		status, header, body := b.tab.status, b.tab.header, b.tab.body
		answer := b.askHX("GET", attr(part, "hx-get"), nil, false)
		target := b.target(part)
		if answer.Status == 200 {
			b.merge(string(answer.Body), target, inherited(part, "hx-swap"), answer.URL.Path)
		} else if answer.Status >= 500 {
			b.t.Errorf("%s answered %d to %s", answer.URL.RequestURI(), answer.Status, b.who)
		}
		b.tab.status, b.tab.header, b.tab.body = status, header, body
	}
	b.t.Errorf("%s loads more than 50 parts by itself", b.Path())
}
