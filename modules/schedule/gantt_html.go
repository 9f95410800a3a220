package schedule

import (
	"html/template"
	"strconv"

	"portico/platform/view"
)

// outlines are the bars that look the same, as paths: a browser draws thirty paths of many bars, but not thousands of
// rectangles, before anybody notices.
type outlines struct {
	class      string
	bars, done []byte
}

// BarsHTML is written here and not by a template: there may be thousands, of numbers and the program's own words alone.
func (c chart) BarsHTML() template.HTML {
	var looks []*outlines
	known := map[string]*outlines{}
	var base []byte
	for _, one := range c.Bars {
		class := one.Class()
		o := known[class]
		if o == nil {
			o = &outlines{class: class}
			known[class], looks = o, append(looks, o)
		}
		if one.BaseW > 0 {
			base = box(base, one.BaseX, one.Y+barHigh+2, one.BaseW, 4, 2)
		}
		y, high := one.Y, barHigh
		if one.Kind == Phase {
			y, high = one.Y+2, barHigh-6
		}
		if one.Kind == Milestone {
			o.bars = diamond(o.bars, one.X, one.Y+barHigh/2)
			continue
		}
		o.bars = box(o.bars, one.X, y, one.W, high, 4)
		if one.Done > 0 {
			o.done = box(o.done, one.X, y, one.Done, high, 4)
		}
	}
	m := view.NewMarkup(nil)
	if len(base) > 0 {
		m.Raw(`<path class="base" d="`).Text(string(base)).Raw(`"/>`)
	}
	for _, o := range looks {
		m.Raw(`<g class="`).Text(o.class).Raw(`"><path class="bar" d="`).Text(string(o.bars)).Raw(`"/>`)
		if len(o.done) > 0 {
			m.Raw(`<path class="done" d="`).Text(string(o.done)).Raw(`"/>`)
		}
		m.Raw(`</g>`)
	}
	return m.Done()
}

// step adds a command of a path.
func step(to []byte, letter byte, numbers ...int) []byte {
	to = append(to, letter)
	for n, number := range numbers {
		if n > 0 && number >= 0 {
			to = append(to, ' ')
		}
		to = strconv.AppendInt(to, int64(number), 10)
	}
	return to
}

// box adds a rectangle with round corners.
func box(to []byte, x, y, w, h, round int) []byte {
	w = max(w, 1)
	r := min(round, w/2, h/2)
	to = step(to, 'M', x+r, y)
	to = step(to, 'h', w-2*r)
	to = step(to, 'q', r, 0, r, r)
	to = step(to, 'v', h-2*r)
	to = step(to, 'q', 0, r, -r, r)
	to = step(to, 'h', 2*r-w)
	to = step(to, 'q', -r, 0, -r, -r)
	to = step(to, 'v', 2*r-h)
	to = step(to, 'q', 0, -r, r, -r)
	return append(to, 'z')
}

// diamond adds the shape of a milestone.
func diamond(to []byte, x, y int) []byte {
	return append(step(to, 'M', x, y), "l9-9 9 9-9 9z"...)
}

// piece is how many names lie in one list where there are many: a browser lays out the lists that are in sight. page.css
// has its height, too.
const piece = 50

// NamesHTML is the list of names beside the bars, with what a script needs to move them.
func (c chart) NamesHTML() template.HTML {
	m := view.NewMarkup(nil)
	m.Raw(`<ol`)
	if len(c.Bars) > 2*piece {
		m.Raw(` class="many"`)
	}
	m.Raw(`>`)
	for n, one := range c.Bars {
		if n > 0 && n%piece == 0 && len(c.Bars) > 2*piece {
			m.Raw(`</ol><ol start="`).Int(n + 1).Raw(`"`)
			if n+piece <= len(c.Bars) {
				m.Raw(` class="many"`)
			}
			m.Raw(`>`)
		}
		m.Raw(`<li class="`).Text(string(one.Kind))
		if one.In {
			m.Raw(` in`)
		}
		if one.Late {
			m.Raw(` late`)
		}
		m.Raw(`"><a href="`).Path(one.Href).Raw(`"`)
		if c.Moves != "" {
			m.Raw(` data-id="`).Text(one.ID.String()).Raw(`" data-start="`).Text(one.Span.Start.String()).Raw(`" data-end="`).Text(one.Span.End.String()).Raw(`"`)
		}
		m.Raw(`>`).Text(one.Title).Raw(`</a><small>`).Text(one.Sub)
		if one.Late {
			m.Raw(`<span class="visually-hidden">, should be done by now</span>`)
		}
		m.Raw("</small></li>\n")
	}
	m.Raw(`</ol>`)
	return m.Done()
}
