package setup

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"portico/platform/brand"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/firm"
	"portico/platform/web"
)

// brandingForm is the firm's look. A color that was typed counts for more than the picked one.
type brandingForm struct {
	Version int       `form:"version"`
	Picked  string    `form:"brand_color"`
	Typed   string    `form:"brand_hex"`
	Logo    *web.File `form:"logo"`
	Remove  bool      `form:"remove_logo"`
}

func (f brandingForm) color() string {
	return colorFrom(f.Typed, f.Picked)
}

// colorFrom gives the one spelling of what was typed or picked; what is no color stays as it is, to be refused.
func colorFrom(typed, picked string) string {
	color := strings.ToLower(strings.TrimSpace(typed))
	if color == "" {
		color = strings.ToLower(strings.TrimSpace(picked))
	}
	if !strings.HasPrefix(color, "#") {
		color = "#" + color
	}
	if len(color) == 4 { // #3b5 is #33bb55
		color = fmt.Sprintf("#%c%c%c%c%c%c", color[1], color[1], color[2], color[2], color[3], color[3])
	}
	return color
}

// sample is the color at work on one background.
type sample struct {
	Title, Page, Surface, Text, Muted string
	brand.Face
	ButtonRatio, TextRatio string
}

// look is what comes of a color.
type look struct {
	Color   string
	Samples []sample
	Advice  []string // where the color had to move
	Button  string
	Ink     string
	Soft    string
	Firm    string
	LogoURL string
}

func lookOf(color, firmName, logoURL string) look {
	c := brand.Of(color)
	l := look{Color: c.Base, Button: c.Button, Ink: c.Ink, Soft: c.Light.Soft, Firm: firmName, LogoURL: logoURL}
	l.Samples = []sample{
		sampleOf("Light", "#ffffff", "#fbfaf9", "#26231f", "#6b655d", c.Light),
		sampleOf("Dark", "#1f1c1a", "#171513", "#f1eeea", "#a39c93", c.Dark),
	}
	if c.Light.Brand != c.Base {
		l.Advice = append(l.Advice, "Neither white nor black can be read on this color, so buttons use "+c.Light.Brand+" instead.")
	}
	if c.Light.Strong != c.Base {
		l.Advice = append(l.Advice, fmt.Sprintf(
			"As text on a white page this color has a contrast of %s. At least %.1f is needed to be read, so links and headings use the darker %s.",
			ratio(c.Ratio), brand.AA, c.Light.Strong))
	}
	return l
}

func sampleOf(title, surface, page, text, muted string, f brand.Face) sample {
	return sample{
		Title: title, Page: page, Surface: surface, Text: text, Muted: muted, Face: f,
		ButtonRatio: ratio(brand.Contrast(f.Ink, f.Brand)), TextRatio: ratio(brand.Contrast(f.Strong, surface)),
	}
}

func ratio(r float64) string { return fmt.Sprintf("%.1f to 1", r) }

type brandingView struct {
	*web.Here
	Trail          []web.NavItem
	Version        int
	Color, Was     string
	Typed          string
	Look           look
	LogoURL, State string // of the logo: new, ready, damaged; "" for none
	Remove         bool
	Latest         string // when the page was drawn, as the log counts
	Meanwhile      []happening
}

func (o office) brandingView(r *web.Request, s firm.Settings, color string) (brandingView, error) {
	r.Title("Branding")
	state, err := pictureState(r.Context(), r.Tx(), r.Viewer(), o.Files, s.LogoID)
	view := brandingView{
		Here: r.Here(), Trail: o.trail(r), Version: s.Version, Color: color, Was: s.BrandColor, State: state, LogoURL: logoURL(s.LogoID, state),
	}
	if !brand.Valid(color) {
		color = s.BrandColor
	}
	view.Look = lookOf(color, s.Name, view.LogoURL)
	if err != nil {
		return view, err
	}
	view.Latest, err = o.latest(r)
	return view, err
}

// logoURL is "" until the picture has been made anew.
func logoURL(id uuid.UUID, state string) string {
	if state != "ready" {
		return ""
	}
	return files.URL(id, "medium")
}

func (o office) branding(r *web.Request) error {
	s, err := firm.Get(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	view, err := o.brandingView(r, s, s.BrandColor)
	if err != nil {
		return err
	}
	return r.Show("setup/branding", view)
}

// preview shows a color before it is saved: the part that a script asks for, or the whole page without one.
func (o office) preview(r *web.Request) error {
	s, err := firm.Get(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	view, err := o.brandingView(r, s, colorFrom(r.Query("brand_hex"), r.Query("brand_color")))
	if err != nil {
		return err
	}
	if r.IsPart() {
		return r.Parts(web.Draw("setup/_look", view))
	}
	view.Typed = r.Query("brand_hex")
	return r.Show("setup/branding", view)
}

func (o office) saveBranding(r *web.Request) error {
	var form brandingForm
	now, others, err := o.changeFirm(r, &form, "firm.branding", "changed the branding", func(s firm.Settings) (firm.Settings, error) {
		current := s.Version == form.Version
		s.Version, s.BrandColor = form.Version, form.color()
		if !current || !brand.Valid(s.BrandColor) { // to be refused: keep no picture for that
			return s, nil
		}
		var err error
		s.LogoID, err = o.pictureFor(r, s.LogoID, form.Logo, form.Remove, files.Upload{Purpose: "logo", Audience: files.ForAnyone})
		return s, beside("logo", err)
	})
	if err == nil {
		return r.Go(r.Path("setup", "branding"))
	}
	view, drawn := o.brandingView(r, now, form.color())
	if drawn != nil {
		return drawn
	}
	view.Typed, view.Remove, view.Meanwhile = form.Typed, form.Remove, others
	if !fault.Is(err, fault.Clash) {
		view.Version, view.Latest = form.Version, r.Value("latest")
	}
	return r.Again("setup/branding", view, err)
}

// pictureFor is the picture after a form: the new one, none, or what it was. The worker makes a new one anew, without
// what the camera told.
func (o office) pictureFor(r *web.Request, was uuid.UUID, file *web.File, remove bool, u files.Upload) (uuid.UUID, error) {
	if file == nil || file.Size == 0 {
		if remove {
			return uuid.Nil, nil
		}
		return was, nil
	}
	from, err := file.Open()
	if err != nil {
		return uuid.Nil, err
	}
	u.Name, u.From, u.Pictures = file.Name, from, true
	return o.Files.Keep(r.Context(), r.Tx(), r.Viewer(), u)
}

// beside puts a complaint about a picture at its field.
func beside(field string, err error) error {
	f, ok := fault.Of(err)
	if !ok || f.Kind == fault.Busy {
		return err
	}
	return fault.Field(field, f.Message)
}
