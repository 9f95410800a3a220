package markdown

import (
	"html/template"
	"strings"
)

// Step is one stretch of a text that is told step by step.
type Step struct {
	Title string
	Body  template.HTML
}

// Steps cuts a text at its "## " headings: what stands before the first is the introduction, each heading begins a
// step. The steps' titles are to be headings of the given level; their own headings stand below. Without such headings
// there are no steps.
func Steps(source string, level int) (intro template.HTML, steps []Step) {
	var titles []string
	parts := []string{""}
	fence := ""
	for line := range strings.Lines(source) {
		plain := strings.TrimSpace(line)
		switch {
		case fence != "":
			if strings.HasPrefix(plain, fence) {
				fence = ""
			}
		case strings.HasPrefix(plain, "```"):
			fence = "```"
		case strings.HasPrefix(plain, "~~~"):
			fence = "~~~"
		case strings.HasPrefix(line, "## "):
			titles = append(titles, Text(strings.TrimPrefix(line, "## ")))
			parts = append(parts, "")
			continue
		}
		parts[len(parts)-1] += line
	}
	for i, title := range titles {
		steps = append(steps, Step{Title: title, Body: HTML(parts[i+1], level)})
	}
	return HTML(parts[0], level-1), steps
}
