package portaltest

import (
	"bytes"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// entry is one field of a form as it is sent.
type entry struct {
	name, value string
	file        *upload
}

// formOf is the form that a field or button belongs to.
func (b *Browser) formOf(n *html.Node) *html.Node {
	if id := attr(n, "form"); id != "" {
		return byID(b.tab.doc, id)
	}
	return closest(n, tag("form"))
}

// submit sends a form as a browser without scripts does.
func (b *Browser) submit(form, button *html.Node) {
	b.t.Helper()
	method, action, encoding := attr(form, "method"), attr(form, "action"), attr(form, "enctype")
	if button != nil {
		if hasAttr(button, "formmethod") {
			method = attr(button, "formmethod")
		}
		if hasAttr(button, "formaction") {
			action = attr(button, "formaction")
		}
	}
	entries := b.entries(form, button)
	address := must1(url.Parse(b.address(action)))
	if !strings.EqualFold(method, "post") {
		address.RawQuery = query(entries).Encode()
		b.navigate("GET", address.String(), nil, "")
		return
	}
	body, media := b.encode(entries, encoding)
	b.navigate("POST", address.String(), body, media)
}

// entries are the successful controls of a form, in the order of the page.
func (b *Browser) entries(form, button *html.Node) []entry {
	var entries []entry
	for _, n := range all(b.tab.doc, tag("input", "select", "textarea", "button")) {
		name := attr(n, "name")
		if b.formOf(n) != form || name == "" || hasAttr(n, "disabled") || closest(n, func(up *html.Node) bool { return up.Data == "fieldset" && hasAttr(up, "disabled") }) != nil {
			continue
		}
		entries = append(entries, b.entriesOf(n, button)...)
	}
	return entries
}

func (b *Browser) entriesOf(n, button *html.Node) []entry {
	name := attr(n, "name")
	switch n.Data {
	case "button":
		if n != button {
			return nil
		}
	case "textarea":
		return []entry{{name: name, value: strings.ReplaceAll(strings.TrimPrefix(content(n), "\n"), "\n", "\r\n")}}
	case "select":
		return b.selected(n)
	case "input":
		switch attr(n, "type") {
		case "checkbox", "radio":
			if !hasAttr(n, "checked") {
				return nil
			}
			if !hasAttr(n, "value") {
				return []entry{{name: name, value: "on"}}
			}
		case "submit", "image", "reset", "button":
			if n != button {
				return nil
			}
		case "file":
			var files []entry
			for _, u := range b.tab.uploads[n] {
				files = append(files, entry{name: name, file: &u})
			}
			if files == nil {
				files = []entry{{name: name, file: &upload{}}}
			}
			return files
		}
	}
	return []entry{{name: name, value: attr(n, "value")}}
}

func (b *Browser) selected(n *html.Node) []entry {
	var entries []entry
	options := all(n, tag("option"))
	for _, o := range options {
		if hasAttr(o, "selected") && !hasAttr(o, "disabled") {
			entries = append(entries, entry{name: attr(n, "name"), value: optionValue(o)})
		}
	}
	if len(entries) == 0 && len(options) > 0 && !hasAttr(n, "multiple") {
		entries = []entry{{name: attr(n, "name"), value: optionValue(options[0])}}
	}
	return entries
}

func optionValue(o *html.Node) string {
	if hasAttr(o, "value") {
		return attr(o, "value")
	}
	return oneLine(content(o))
}

func (b *Browser) valueOf(n *html.Node) string {
	switch n.Data {
	case "textarea":
		return strings.TrimPrefix(content(n), "\n")
	case "select":
		if chosen := b.selected(n); len(chosen) > 0 {
			return chosen[0].value
		}
		return ""
	}
	if kind := attr(n, "type"); kind == "checkbox" || kind == "radio" {
		if hasAttr(n, "checked") {
			return "on"
		}
		return ""
	}
	return attr(n, "value")
}

func query(entries []entry) url.Values {
	values := url.Values{}
	for _, e := range entries {
		value := e.value
		if e.file != nil {
			value = e.file.name
		}
		values.Add(e.name, value)
	}
	return values
}

func (b *Browser) encode(entries []entry, encoding string) (body []byte, media string) {
	if encoding != "multipart/form-data" {
		return []byte(query(entries).Encode()), "application/x-www-form-urlencoded"
	}
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, e := range entries {
		if e.file == nil {
			must(b.t, w.WriteField(e.name, e.value))
			continue
		}
		header := textproto.MIMEHeader{
			"Content-Disposition": {multipart.FileContentDisposition(e.name, e.file.name)},
			"Content-Type":        {"application/octet-stream"},
		}
		part, err := w.CreatePart(header)
		must(b.t, err)
		_, err = part.Write(e.file.content)
		must(b.t, err)
	}
	must(b.t, w.Close())
	return out.Bytes(), w.FormDataContentType()
}
