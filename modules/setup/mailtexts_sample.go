package setup

import (
	"strconv"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/mailtext"
	"portico/platform/web"
)

// drawnMailText is the mail itself, for the frame of the preview: it can show, and nothing else.
func (o office) drawnMailText(r *web.Request) error {
	k, err := mailtext.Find(r.Param("kind"))
	if err != nil {
		return err
	}
	v := r.Viewer()
	t, err := mailtext.Get(r.Context(), r.Tx(), v.FirmID(), k)
	if r.Query("of") == "draft" && err == nil {
		t, err = mailtext.Draft(r.Context(), r.Tx(), v.FirmID(), v.PersonID, k)
	}
	if err != nil {
		return err
	}
	m, err := o.sample(r, k, t.Subject, t.Body)
	if err != nil {
		return err
	}
	r.SetHeader("Content-Security-Policy", mail.FramePolicy)
	r.SetHeader("X-Frame-Options", "SAMEORIGIN")
	r.SetHeader("Content-Type", "text/html; charset=utf-8")
	return r.Bytes([]byte(m.Frame()))
}

// drawn draws words; of says where the frame finds them: saved or draft.
func (o office) drawn(r *web.Request, k mailtext.Kind, form mailTextForm, of string) (drawn, error) {
	m, err := o.sample(r, k, form.Subject, form.Text)
	if err != nil {
		return drawn{}, err
	}
	src := r.Path("setup", "mails", k.ID, "preview") + "?of=" + of + "&at=" + strconv.FormatInt(r.Now().UnixMilli(), 36)
	return drawn{Src: src, Subject: m.Subject, Text: m.Text}, nil
}

func (o office) sample(r *web.Request, k mailtext.Kind, subject, text string) (mail.Message, error) {
	v := r.Viewer()
	origin, err := o.Links.Origin(r.Context(), v.FirmID())
	if err != nil {
		return mail.Message{}, err
	}
	said := k.Fill(subject, text, o.examples(k, v.Firm, v.Name, origin, day.Of(r.Here().Now.AddDate(0, 0, 7))))
	return o.Post.Compose(r.Context(), v.Firm, sampleLetter(k, said, origin))
}

// examples are what stands in the places of a preview or test: the firm's own words where they are known.
func (o office) examples(k mailtext.Kind, f auth.Firm, sender, origin string, last day.Day) map[string]string {
	values := k.Examples()
	for name, value := range map[string]string{
		"firm": f.Name, "sender": sender, "from": sender + " of " + f.Name, "portal": origin,
		"sections": o.shownSections(f), "expires": last.Midnight().Format("Mon, Jan 2, 2006"),
	} {
		if values[name] != "" && value != "" {
			values[name] = value
		}
	}
	return values
}

// shownSections are those that the firm shows to every client.
func (o office) shownSections(f auth.Firm) string {
	var titles []string
	for _, s := range o.catalog() {
		if f.Switches[s.ID] {
			titles = append(titles, s.Title)
		}
	}
	return lang.English.List(titles)
}

// sampleLetter has the parts that the program adds, opening nothing.
func sampleLetter(k mailtext.Kind, said mailtext.Said, origin string) mail.Letter {
	l := mail.Letter{Subject: said.Subject, Markdown: said.Markdown}
	if k.Button != "" {
		l.Button = mail.Button{Label: k.Button, URL: origin + "/sign-in"}
	}
	if k.Code {
		l.Code, l.CodeNote = "EXAM-PLES", "On another device, go to "+origin+"/sign-in/code and type your address and this code:"
	}
	return l
}
