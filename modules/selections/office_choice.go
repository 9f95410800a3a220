package selections

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/money"
	"portico/platform/web"
)

// purpose names our files in the library.
const purpose = "selections"

// choiceForm is a choice as it is typed.
type choiceForm struct {
	Title    string      `form:"title"`
	Text     string      `form:"text"`
	Link     string      `form:"link"`
	Vendor   string      `form:"vendor"`
	Cost     string      `form:"cost"`
	Markup   string      `form:"markup"`
	Price    string      `form:"price"`
	ToPrice  bool        `form:"to_price"`
	Pictures []*web.File `form:"pictures"`
	Files    []*web.File `form:"files"`
	Version  int         `form:"version"`
}

// Check is what can be wrong with it by itself.
func (f *choiceForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Title, f.Vendor = oneLine(f.Title), oneLine(f.Vendor)
	switch n := utf8.RuneCountInString(f.Title); {
	case n == 0:
		wrong["title"] = "Give it a name."
	case n > longestTitle:
		wrong["title"] = "Use at most 120 characters."
	}
	if utf8.RuneCountInString(f.Text) > longestText {
		wrong["text"] = "Use at most 4,000 characters."
	}
	if utf8.RuneCountInString(f.Vendor) > longestTitle {
		wrong["vendor"] = "Use at most 120 characters."
	}
	if f.Link != "" {
		link, ok := cleanLink(f.Link)
		if !ok {
			wrong["link"] = "Enter a web address, such as https://example.com/tile."
		}
		f.Link = link
	}
	return wrong
}

// cleanLink makes a web address of what was typed; ok is false when it is none.
func cleanLink(typed string) (string, bool) {
	link := typed
	if !strings.Contains(link, "://") {
		link = "https://" + link
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.Contains(u.Hostname(), ".") || u.User != nil || len(link) > 1000 {
		return typed, false
	}
	return u.String(), true
}

// read makes a choice of it. Without a price, cost and markup give one; without those it is to be priced.
func (f choiceForm) read(c Choice, s Selection, locale string) (Choice, error) {
	c.Title, c.Text, c.Link, c.Vendor, c.Version = f.Title, f.Text, f.Link, f.Vendor, f.Version
	c.Cost, c.Markup, c.Price = nil, nil, nil
	wrong := fault.Fields{}
	amount := func(name, typed string) *int64 {
		if typed == "" {
			return nil
		}
		a, err := money.Parse(typed, s.Currency, locale)
		if err != nil {
			wrong[name] = money.Advice(err, s.Currency)
		} else if name == "cost" && a.Negative() {
			wrong[name] = "Enter what it costs you."
		}
		return &a.Minor
	}
	c.Cost = amount("cost", f.Cost)
	if f.Markup != "" {
		rate, err := money.ParseRate(f.Markup, locale)
		if err != nil || rate < 0 || rate > 1_000_000 {
			wrong["markup"] = "Enter a percentage of the cost, such as 20."
		}
		markup := int(rate)
		c.Markup = &markup
	}
	c.Price = amount("price", f.Price)
	switch {
	case f.ToPrice && f.Price != "":
		wrong["price"] = "It is ticked as still to be priced. Do one of the two."
	case f.ToPrice:
		c.Price = nil
	case c.Price == nil && c.Cost != nil && len(wrong) == 0:
		markup := 0
		if c.Markup != nil {
			markup = *c.Markup
		}
		price := priceOf(*c.Cost, markup, s.Currency)
		c.Price = &price
	case c.Price == nil && len(wrong) == 0:
		wrong["price"] = "Enter what the client pays, or tick that it is still to be priced."
	}
	return c, fault.InFields(wrong)
}

type choiceView struct {
	*web.Here
	Trail     []web.NavItem
	Selection Selection
	Choice    Choice
	Form      choiceForm
	Action    string
	Symbol    string
	Shown     []fileView
}

// New reports whether it is not there yet.
func (v choiceView) New() bool { return v.Choice.ID == uuid.Nil }

func (office) choiceView(r *web.Request, s Selection, c Choice) choiceView {
	view := choiceView{
		Here: r.Here(), Selection: s, Choice: c, Symbol: money.Symbol(s.Currency, r.Here().Locale()), Action: r.Path("selections", s.ID, "choices"),
		Trail: s.trail(r, "New choice"), Shown: filesFor(r.Here(), c.Files),
	}
	r.Title("New choice")
	if c.ID == uuid.Nil {
		return view
	}
	r.Title("Edit choice")
	view.Action, view.Trail = r.Path("selections", "choices", c.ID), s.trail(r, c.Title)
	view.Form = choiceForm{Title: c.Title, Text: c.Text, Link: c.Link, Vendor: c.Vendor, ToPrice: c.Price == nil, Version: c.Version}
	if c.Cost != nil {
		view.Form.Cost = money.Of(*c.Cost, s.Currency).Plain()
	}
	if c.Markup != nil {
		view.Form.Markup = money.Rate(*c.Markup).String()
	}
	if c.Price != nil {
		view.Form.Price = c.Amount().Plain()
	}
	return view
}

func (o office) newChoice(r *web.Request) error {
	s, err := o.load(r)
	if err != nil {
		return err
	}
	if s.Locked() {
		return fault.Conflict("This is decided. Open it again first.")
	}
	return r.Show("selections/choice", o.choiceView(r, s, Choice{}))
}

// loadChoice finds the choice of the address with its selection.
func (o office) loadChoice(r *web.Request) (Selection, Choice, error) {
	id, err := r.ID("choice")
	if err != nil {
		return Selection{}, Choice{}, err
	}
	of, err := selectionOfChoice(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return Selection{}, Choice{}, err
	}
	read := byID
	if r.Method() != "GET" {
		read = hold
	}
	s, err := read(r.Context(), r.Tx(), r.Viewer(), of)
	if err != nil {
		return s, Choice{}, err
	}
	n := slices.IndexFunc(s.Choices, func(c Choice) bool { return c.ID == id })
	if n < 0 {
		return s, Choice{}, fault.NotFound()
	}
	return s, s.Choices[n], nil
}

func (o office) editChoice(r *web.Request) error {
	s, c, err := o.loadChoice(r)
	if err != nil {
		return err
	}
	return r.Show("selections/choice", o.choiceView(r, s, c))
}

func (o office) addChoice(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	return o.keepChoice(r, s, Choice{})
}

func (o office) saveChoice(r *web.Request) error {
	s, c, err := o.loadChoice(r)
	if err != nil {
		return err
	}
	return o.keepChoice(r, s, c)
}

func (o office) keepChoice(r *web.Request, s Selection, was Choice) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := o.choiceView(r, s, was)
	view.Form = choiceForm{}
	err := r.Bind(&view.Form)
	var c Choice
	if err == nil {
		c, err = view.Form.read(was, s, r.Here().Locale())
	}
	if err == nil && s.Locked() {
		err = fault.Conflict("This is decided. Open it again first.")
	}
	if err == nil {
		c.ID, err = saveChoice(ctx, tx, v, s, c)
	}
	if err == nil {
		err = o.take(r, s, c.ID, "picture", "pictures", view.Form.Pictures)
	}
	if err == nil {
		err = o.take(r, s, c.ID, "file", "files", view.Form.Files)
	}
	if err == nil {
		err = touch(ctx, tx, v, s.ID)
	}
	if err != nil {
		if fault.Is(err, fault.Clash) {
			view.Form.Version = was.Version
		}
		return r.Again("selections/choice", view, err)
	}
	verb, text := "selections.choice", "added the choice “"+c.Title+"” to “"+s.Title+"”"
	var changes map[string]any
	if was.ID != uuid.Nil {
		text, changes = "changed the choice “"+c.Title+"” of “"+s.Title+"”", activity.Changes(was.facts(), c.facts())
	}
	if err := o.note(ctx, tx, v, s, verb, text, changes); err != nil {
		return err
	}
	if was.ID != uuid.Nil && was.Price == nil && c.Price != nil && s.Open() && (was.Picked || was.ByClient) {
		_, err := tellClient.Enqueue(ctx, tx, v.FirmID(), telling{Client: s.ClientID, Project: s.ProjectID, What: toldPriced, Selections: []uuid.UUID{s.ID}})
		if err != nil {
			return err
		}
		r.Toast("Saved. The client is told that there is a price.")
	} else {
		r.Toast("Saved.")
	}
	o.ring(ctx, v.FirmID(), s.ClientID)
	if r.Value("again") != "" {
		return r.Go(r.Path("selections", s.ID, "choices", "new"))
	}
	return r.Go(r.Path("selections", s.ID))
}

// placeChoice moves a choice among the others: clients read them in this order.
func (o office) placeChoice(r *web.Request) error {
	s, c, err := o.loadChoice(r)
	if err != nil {
		return err
	}
	up := -1
	if r.Value("up") != "" {
		up = 1
	}
	if err := placeChoice(r.Context(), r.Tx(), r.Viewer(), s, c, up); err != nil {
		return err
	}
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.choice", "moved the choice “"+c.Title+"” of “"+s.Title+"”", nil); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	return r.Go(r.Path("selections", s.ID) + "#choice-" + c.ID.String())
}

// facts are what the log keeps of it, for staff.
func (c Choice) facts() map[string]any {
	said := func(minor *int64) any {
		if minor == nil {
			return nil
		}
		return money.Of(*minor, c.Currency).Plain()
	}
	facts := map[string]any{"title": c.Title, "text": c.Text, "link": c.Link, "vendor": c.Vendor, "cost": said(c.Cost), "price": said(c.Price), "markup": nil}
	if c.Markup != nil {
		facts["markup"] = money.Rate(*c.Markup).String()
	}
	return facts
}

// forget drops files from the library that nothing shows any more.
func (d desk) forget(r *web.Request, list []File) error {
	for _, f := range list {
		last, err := unused(r.Context(), r.Tx(), r.Viewer(), f.FileID)
		if err != nil {
			return err
		}
		if last {
			if err := d.Files.Drop(r.Context(), r.Tx(), r.Viewer().FirmID(), f.FileID); err != nil {
				return err
			}
		}
	}
	return nil
}

// take keeps what was uploaded in a form's field: all or nothing.
func (d desk) take(r *web.Request, s Selection, choice uuid.UUID, kind, field string, uploads []*web.File) error {
	n := len(s.Files)
	for _, c := range s.Choices {
		n += len(c.Files)
	}
	for _, f := range uploads {
		if f.Name == "" && f.Size == 0 {
			continue
		}
		if n++; n > mostFiles {
			return fault.Field(field, "A selection holds up to 60 pictures and files.")
		}
		from, err := f.Open()
		if err != nil {
			return err
		}
		row, err := d.Files.Take(r.Context(), r.Tx(), r.Viewer(), files.Upload{
			Purpose: purpose, Audience: files.ForSection, ClientID: s.ClientID, Name: f.Name, From: from, Pictures: kind == "picture" || kind == "inspiration",
		})
		if said, ok := fault.Of(err); ok && said.Kind != fault.Missing {
			return fault.Field(field, f.Name+": "+said.Message)
		}
		if err != nil {
			return err
		}
		if err := addFile(r.Context(), r.Tx(), r.Viewer(), s, File{ChoiceID: choice, FileID: row.ID, Kind: kind}); err != nil {
			return err
		}
	}
	return nil
}

// fileView is a picture or file on a page.
type fileView struct {
	File
	Thumb, Medium, Large, Download, Drop string
	Ready                                bool
}

func filesFor(here *web.Here, list []File) []fileView {
	views := make([]fileView, len(list))
	for n, f := range list {
		views[n] = fileView{File: f, Ready: f.State == "ready" && files.Kind(f.Media).Picture(), Download: files.URL(f.FileID, "original"), Drop: here.Path("selections", "files", f.ID)}
		if views[n].Ready {
			views[n].Thumb, views[n].Medium, views[n].Large = files.URL(f.FileID, "thumb"), files.URL(f.FileID, "medium"), files.URL(f.FileID, "large")
		}
	}
	return views
}

// Shown reports whether it is a picture, made or being made.
func (f fileView) Shown() bool { return files.Kind(f.Media).Picture() }

// faceOf is the address of the picture that stands for a selection; "" when there is none.
func faceOf(s Selection, variant string) string {
	f, ok := s.Face()
	if !ok {
		return ""
	}
	return files.URL(f.FileID, variant)
}
