package setup

import (
	"strconv"

	"portico/platform/fault"
	"portico/platform/mailtext"
	"portico/platform/web"
)

// mailTextForm is the words of one kind of mail as they are typed.
type mailTextForm struct {
	Version int    `form:"version"`
	Subject string `form:"subject"`
	Text    string `form:"text,raw"`
}

// placeLine is one placeholder in the list beside the form.
type placeLine struct{ Written, Becomes, Note string }

// drawn is how the words look as a mail.
type drawn struct {
	Src     string // of the frame; "" when they cannot be drawn
	Subject string
	Text    string
	Problem string
}

type mailTextView struct {
	*web.Here
	Trail     []web.NavItem
	Kind      mailtext.Kind
	Form, Was mailTextForm
	Own       bool // the firm's, not the default
	Typed     bool // what is shown is not saved
	Places    []placeLine
	Drawn     drawn
	Latest    string // when the page was drawn, as the log counts
	Meanwhile []happening
}

// Action is where the form goes.
func (v mailTextView) Action() string { return v.Path("setup", "mails", v.Kind.ID) }

// mailTexts lists the mails whose words can be changed.
func (o office) mailTexts(r *web.Request) error {
	own, err := mailtext.Own(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	r.Title("Mail texts")
	view := struct {
		*web.Here
		Trail []web.NavItem
		Items []entry
	}{r.Here(), o.trail(r), nil}
	for _, k := range mailtext.All() {
		item := entry{Title: k.Title, Summary: k.When, Icon: "mail", Href: r.Path("setup", "mails", k.ID), Kind: "outline", State: "Default"}
		if own[k.ID] {
			item.Kind, item.State = "brand", "Your words"
		}
		view.Items = append(view.Items, item)
	}
	return r.Show("setup/mails", view)
}

// mailText loads the kind of the address with its words, and the page that shows them.
func (o office) mailTextView(r *web.Request) (mailTextView, error) {
	k, err := mailtext.Find(r.Param("kind"))
	if err != nil {
		return mailTextView{}, err
	}
	now, err := mailtext.Get(r.Context(), r.Tx(), r.Viewer().FirmID(), k)
	if err != nil {
		return mailTextView{}, err
	}
	r.Title(k.Title)
	view := mailTextView{
		Here: r.Here(), Trail: append(o.trail(r), web.NavItem{Title: "Mail texts", Href: r.Path("setup", "mails")}), Kind: k, Own: now.Own,
		Was: mailTextForm{now.Version, now.Subject, now.Body}, Form: mailTextForm{now.Version, now.Subject, now.Body},
	}
	for _, f := range k.Fields {
		line := placeLine{Written: "{{" + f.Name + "}}", Becomes: f.Becomes}
		if f.Optional {
			line.Note = "Its paragraph is left out when there is nothing to say."
		}
		view.Places = append(view.Places, line)
	}
	recent, err := mailtext.History(r.Context(), r.Tx(), r.Viewer(), k)
	view.Latest = latest(recent)
	if err != nil {
		return view, err
	}
	view.Drawn, err = o.drawn(r, k, view.Form, "saved")
	return view, err
}

func (o office) mailText(r *web.Request) error {
	view, err := o.mailTextView(r)
	if err != nil {
		return err
	}
	return r.Show("setup/mail", view)
}

// typed reads what was typed onto the page. What is wrong with the words is the second answer; only a form that cannot
// be read at all is an error.
func (o office) typed(r *web.Request) (view mailTextView, wrong, err error) {
	if view, err = o.mailTextView(r); err != nil {
		return view, nil, err
	}
	var form mailTextForm
	wrong = r.Bind(&form)
	if f, ok := fault.Of(wrong); ok && f.Kind != fault.Bad {
		return view, nil, wrong
	}
	view.Form, view.Typed, view.Latest = form, true, r.Value("latest")
	if wrong == nil {
		wrong = fault.InFields(view.Kind.Check(form.Subject, form.Text))
	}
	if wrong != nil {
		view.Drawn = drawn{Problem: words(wrong)}
		return view, wrong, nil
	}
	view.Drawn, err = o.drawn(r, view.Kind, form, "draft")
	return view, nil, err
}

// words are what is wrong, without the fields.
func words(err error) string {
	f, _ := fault.Of(err)
	for _, name := range []string{"subject", "text"} {
		if problem := f.Fields[name]; problem != "" {
			return problem
		}
	}
	return f.Message
}

func (o office) saveMailText(r *web.Request) error {
	view, wrong, err := o.typed(r)
	if err != nil {
		return err
	}
	if wrong != nil {
		return r.Again("setup/mail", view, wrong)
	}
	if view.Form == view.Was {
		r.Toast("Nothing was changed.")
		return r.Go(view.Action())
	}
	return o.keepMailText(r, view, mailtext.Text{Subject: view.Form.Subject, Body: view.Form.Text, Own: true, Version: view.Form.Version})
}

// restoreMailText gives the default back.
func (o office) restoreMailText(r *web.Request) error {
	view, err := o.mailTextView(r)
	if err != nil {
		return err
	}
	if !view.Own {
		r.Toast("This is the default already.")
		return r.Go(view.Action())
	}
	version, err := strconv.Atoi(r.Value("version"))
	if err != nil {
		version = -1 // of no page of ours: refused, and shown again
	}
	view.Latest = r.Value("latest")
	return o.keepMailText(r, view, mailtext.Text{Version: version})
}

func (o office) keepMailText(r *web.Request, view mailTextView, t mailtext.Text) error {
	err := mailtext.Save(r.Context(), r.Tx(), r.Viewer(), view.Kind, t)
	if err == nil {
		r.Toast("Saved.")
		return r.Go(view.Action())
	}
	if fault.Is(err, fault.Clash) {
		recent, wrong := mailtext.History(r.Context(), r.Tx(), r.Viewer(), view.Kind)
		if wrong != nil {
			return wrong
		}
		view.Meanwhile = meanwhile(recent, moment(view.Latest), nil)
		view.Form.Version, view.Latest = view.Was.Version, newest(view.Meanwhile, view.Latest)
		err = moved(view.Meanwhile)
	}
	return r.Again("setup/mail", view, err)
}

// previewMailText shows what was typed as a mail: the part that a script asks for while one types, or the whole page.
func (o office) previewMailText(r *web.Request) error {
	view, wrong, err := o.typed(r)
	if err != nil {
		return err
	}
	if wrong == nil {
		if err := mailtext.KeepDraft(r.Context(), r.Tx(), r.Viewer(), view.Kind, view.Form.Subject, view.Form.Text); err != nil {
			return err
		}
	}
	if r.IsPart() {
		return r.Parts(web.Draw("setup/_mail_drawn", view))
	}
	if wrong != nil {
		return r.Again("setup/mail", view, wrong)
	}
	return r.Show("setup/mail", view)
}

// testMailText sends what was typed, saved or not, to whoever typed it.
func (o office) testMailText(r *web.Request) error {
	view, wrong, err := o.typed(r)
	if err != nil {
		return err
	}
	if wrong != nil {
		return r.Again("setup/mail", view, wrong)
	}
	if err := mailtext.KeepDraft(r.Context(), r.Tx(), r.Viewer(), view.Kind, view.Form.Subject, view.Form.Text); err != nil {
		return err
	}
	if _, err := testMail.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), tested{Kind: view.Kind.ID, Person: r.Viewer().PersonID}); err != nil {
		return err
	}
	r.Toast("A test goes to " + r.Viewer().Email + ".")
	view.Typed = view.Form != view.Was
	return r.Show("setup/mail", view)
}
