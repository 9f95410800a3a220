package markdown_test

import (
	"strings"
	"testing"

	"portico/platform/markdown"
)

func TestMarkdownBecomesHTML(t *testing.T) {
	for source, want := range map[string]string{
		"# Draws\n\nWe *bill* in **five** parts.": "<h2>Draws</h2>\n<p>We <em>bill</em> in <strong>five</strong> parts.</p>\n",
		"one\ntwo":              "<p>one<br>\ntwo</p>\n",
		"- a\n- b":              "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n",
		"3. c":                  "<ol start=\"3\">\n<li>c</li>\n</ol>\n",
		"[plan](/portal/all)":   "<p><a href=\"/portal/all\">plan</a></p>\n",
		"[mail](mailto:a@b.co)": "<p><a href=\"mailto:a@b.co\">mail</a></p>\n",
		"###### six":            "<h2>six</h2>\n",
		"![the drawing](https://elsewhere.example/x.png)": "<p>the drawing</p>\n",
		"| a |\n|:-:|\n| b |":                             "<table>\n<thead>\n<tr>\n<th align=\"center\">a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align=\"center\">b</td>\n</tr>\n</tbody>\n</table>\n",
		"### a\n\n##### b\n\n## c\n\n### d":               "<h2>a</h2>\n<h3>b</h3>\n<h2>c</h2>\n<h3>d</h3>\n",
		"a < b & c":                                       "<p>a &lt; b &amp; c</p>\n",
	} {
		got := strings.ReplaceAll(string(markdown.HTML(source, 1)), "<br/>", "<br>")
		if got != want {
			t.Errorf("%q:\n got %q\nwant %q", source, got, want)
		}
	}
}

func TestLinksLeadAwayWithoutAHandle(t *testing.T) {
	for _, source := range []string{"[x](https://elsewhere.example)", "https://elsewhere.example", "<https://elsewhere.example>"} {
		got := string(markdown.HTML(source, 1))
		if !strings.Contains(got, "noopener") || !strings.Contains(got, `target="_blank"`) || !strings.Contains(got, "noreferrer") {
			t.Errorf("%s: %s", source, got)
		}
	}
}

// What a member of staff may paste, or an intruder write, must reach a reader as words or not at all.
func TestNothingWakesUp(t *testing.T) {
	attacks := []string{
		`<script>alert(1)</script>`, `<SCRIPT SRC=//evil.example/x.js></SCRIPT>`, "<scr<script>ipt>alert(1)</script>",
		`[x](javascript:alert(1))`, `[x](JaVaScRiPt:alert(1))`, "[x](java\tscript:alert(1))", `[x](&#106;avascript:alert(1))`,
		`[x](vbscript:msgbox(1))`, `[x](data:text/html;base64,PHNjcmlwdD4=)`, `![x](data:image/svg+xml;base64,PHN2Zz4=)`,
		`<javascript:alert(1)>`, `<img src=x onerror=alert(1)>`, `![x](x"onerror="alert(1))`, `<a href="x" onclick="alert(1)">x</a>`,
		`<div hx-get="/office/setup" hx-trigger="load">x</div>`, `<b data-hx-post="/x" hx-on:click="alert(1)">x</b>`,
		`<iframe src="//evil.example"></iframe>`, `<svg/onload=alert(1)>`, `<math href="javascript:alert(1)">`,
		`<form action="/office/setup"><button>Press</button></form>`, `<input autofocus onfocus=alert(1)>`,
		`<style>@import '//evil.example'</style>`, `<p style="position:fixed">x</p>`, `<p id="main" class="button primary">x</p>`,
		`<base href="//evil.example">`, `<meta http-equiv=refresh content="0;url=//evil.example">`, `<object data="x">`, `<embed src=x>`,
		"`<script>alert(1)</script>`", "```html\n<script>alert(1)</script>\n```", "# x {#main .button onclick=alert(1)}",
		`[x](/x "t" onmouseover="alert(1)")`, "[x]: javascript:alert(1)\n\n[x]", "<!--><script>alert(1)</script>-->",
		`<template><script>alert(1)</script></template>`, `<details open ontoggle=alert(1)>`, "\x00<scr\x00ipt>alert(1)</script>",
	}
	for _, attack := range attacks {
		for _, source := range []string{attack, "Hello " + attack + " there", "> " + attack, "- " + attack} {
			got := strings.ToLower(string(markdown.HTML(source, 1)))
			live := stripText(got)
			for _, bad := range []string{"script", "javascript:", "vbscript:", "data:", "onerror", "onclick", "onload", "onfocus", "onmouse", "ontoggle",
				"hx-", "<img", "<iframe", "<svg", "<form", "<input", "<style", "style=", "class=", "id=", "<base", "<meta", "<object", "<embed", "<math", "<template", "<details"} {
				if strings.Contains(live, bad) {
					t.Errorf("%q lets %q through: %s", source, bad, got)
				}
			}
		}
	}
}

// stripText leaves only tags: words that merely speak of scripts are harmless.
func stripText(html string) string {
	var b strings.Builder
	in := false
	for _, r := range html {
		switch {
		case r == '<':
			in = true
		case r == '>':
			in = false
			b.WriteRune(r)
		}
		if in {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestStepsOfAProcess(t *testing.T) {
	intro, steps := markdown.Steps("In short.\n\n## We *order* the windows\nSix weeks.\n\n### Which ones\nAll.\n\n```\n## not a step\n```\n## You move in\n", 3)
	if !strings.Contains(string(intro), "In short.") || len(steps) != 2 {
		t.Fatalf("%q %+v", intro, steps)
	}
	if steps[0].Title != "We order the windows" || !strings.Contains(string(steps[0].Body), "<h4>Which ones</h4>") || !strings.Contains(string(steps[0].Body), "## not a step") {
		t.Errorf("%+v", steps[0])
	}
	if steps[1].Title != "You move in" || steps[1].Body != "" {
		t.Errorf("%+v", steps[1])
	}
	if intro, steps := markdown.Steps("Only words.", 3); len(steps) != 0 || !strings.Contains(string(intro), "Only words.") {
		t.Errorf("%q %+v", intro, steps)
	}
}

func TestTextHasNoMarks(t *testing.T) {
	got := markdown.Text("# Draws\n\nWe *bill* in [five](https://x.example) parts:\n- one\n- two `code`")
	if got != "Draws We bill in five parts: one two code" {
		t.Errorf("%q", got)
	}
}

func TestTheLeadIsMadeOfParagraphs(t *testing.T) {
	for source, want := range map[string]string{
		"# Draws\n\nWe bill.\n\n| a |\n|---|\n| b |\n\n- c\n\nIn parts.": "We bill. In parts.",
		"- only\n- a list": "only a list",
		"":                 "",
	} {
		if got := markdown.Lead(source); got != want {
			t.Errorf("%q: %q", source, got)
		}
	}
}
