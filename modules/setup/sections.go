package setup

import (
	"portico/platform/access"
	"portico/platform/fault"
	"portico/platform/firm"
	"portico/platform/web"
)

type sectionsView struct {
	*web.Here
	Trail     []web.NavItem
	Version   int
	Lines     []line
	Presets   []web.NavItem
	Preset    string // the title of the one that is ticked but not saved
	Latest    string // when the page was drawn, as the log counts
	Meanwhile []happening
}

func (o office) sectionsView(r *web.Request, version int, shown, saved access.Switches) sectionsView {
	r.Title("Sections")
	view := sectionsView{Here: r.Here(), Trail: o.trail(r), Version: version, Lines: firmLines(o.catalog(), shown, saved)}
	chosen := r.Query("preset")
	for _, p := range presets {
		view.Presets = append(view.Presets, web.NavItem{Title: p.Title, Href: r.Path("setup", "sections") + "?preset=" + p.ID, Current: p.ID == chosen})
		if p.ID == chosen {
			view.Preset = p.Title
		}
	}
	return view
}

// sections shows the firm's defaults. A preset only ticks: nothing is kept before it is saved.
func (o office) sections(r *web.Request) error {
	s, err := firm.Get(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	shown := s.Switches
	if preset := r.Query("preset"); preset != "" {
		if !known(preset) {
			return fault.NotFound()
		}
		shown = ticked(o.catalog(), preset)
	}
	view := o.sectionsView(r, s.Version, shown, s.Switches)
	if view.Latest, err = o.latest(r); err != nil {
		return err
	}
	return r.Show("setup/sections", view)
}

// sectionsForm carries the version; the ticks have the names of the sections.
type sectionsForm struct {
	Version int `form:"version"`
}

// chosen reads the ticks of all sections that there are onto what is kept.
func (o office) chosen(r *web.Request, kept access.Switches) access.Switches {
	after := copied(kept)
	for _, key := range keys(o.catalog()) {
		state := Inherit
		if r.Value(fieldOf(key)) != "" {
			state = On
		}
		with(after, key, state)
	}
	return after
}

func (o office) saveSections(r *web.Request) error {
	var form sectionsForm
	now, others, err := o.changeFirm(r, &form, "firm.sections", "changed what clients see", func(s firm.Settings) (firm.Settings, error) {
		s.Version, s.Switches = form.Version, o.chosen(r, s.Switches)
		return s, nil
	})
	if err == nil {
		return r.Go(r.Path("setup", "sections"))
	}
	view := o.sectionsView(r, now.Version, o.chosen(r, now.Switches), now.Switches)
	view.Meanwhile, view.Latest = others, newest(others, r.Value("latest"))
	return r.Again("setup/sections", view, err)
}
