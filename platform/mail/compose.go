package mail

import (
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"

	"portico/platform/lang"
	"portico/platform/markdown"
)

// Letter is what one mail says, before it is drawn. Empty parts are left out.
type Letter struct {
	Firm     Brand
	Reader   *lang.Reader // of what the program itself says in it; nil: English
	Subject  string
	Greeting string   // "Good morning, Ana"
	Lines    []string // paragraphs; the first is also the preview in a list of mails
	Markdown string   // instead of Greeting and Lines: words that somebody wrote
	Button   Button
	Code     string   // to be typed on another device
	CodeNote string   // where, and until when
	Small    []string // the fine print below
	Files    []File   // that travel with it

	Unsubscribe string // only for notices
}

// Brand is the firm as a mail shows it.
type Brand struct {
	Name                  string
	Logo                  Inline // travels with the mail; preferred to LogoURL, which many mail programs do not load
	LogoURL               string
	Color, Ink            string // "#0b6e4f": the button, and the writing on it
	Address, Phone, Email string
}

// Button is the one thing to do.
type Button struct{ Label, URL string }

// Composer draws letters with the mail frame.
type Composer struct {
	html *htmltemplate.Template
	text *texttemplate.Template
}

// OpenComposer reads mail/frame.html and mail/frame.txt, both drawn from a Page, and draws a trial letter with each.
func OpenComposer(views fs.FS) (*Composer, error) {
	html, err := htmltemplate.New("frame.html").ParseFS(views, "mail/frame.html")
	if err != nil {
		return nil, fmt.Errorf("mail frame: %w", err)
	}
	text, err := texttemplate.New("frame.txt").ParseFS(views, "mail/frame.txt")
	if err != nil {
		return nil, fmt.Errorf("mail frame: %w", err)
	}
	c := &Composer{html, text}
	if _, err := c.Compose(trial); err != nil {
		return nil, err
	}
	return c, nil
}

// trial has every part a letter can have, so that a frame that asks for more fails at boot and not at night.
var trial = Letter{
	Firm: Brand{Name: "A", Logo: Inline{CID: "logo", Type: "image/png", Data: []byte{0}}, Color: "#000000", Ink: "#ffffff",
		Address: "A", Phone: "A", Email: "a@a.test"},
	Subject: "A", Greeting: "A", Lines: []string{"A", "A"}, Button: Button{Label: "A", URL: "https://a.test"},
	Code: "A", CodeNote: "A", Small: []string{"A"}, Unsubscribe: "https://a.test",
}

// Page is what the frames are drawn from, in their words: the letter and what a template cannot decide.
type Page struct {
	Lang, Dir      string
	Subject        string
	Preheader      string // one line for lists of mails
	Firm           Masthead
	Heading        string
	Lines          []string
	Content        htmltemplate.HTML // instead of Lines
	Button         Link
	Code, CodeNote string
	After          []string // small print under the button
	Says           Says
	Footer         []string // and under everything
	UnsubscribeURL string
}

// Says are the frame's own words.
type Says struct{ Code, Copy, Choose string }

// Masthead is the firm's head and foot of a page.
type Masthead struct {
	Name                  string
	LogoURL               htmltemplate.URL // cid: or https:; empty: show the name
	Color, Ink            string
	Address, Phone, Email string
}

// Link is the button on a page; without Href there is none.
type Link struct{ Title, Href string }

// Compose draws a letter. Still to be filled in by whoever sends it: ID, To, ReplyTo, Firm and Kind.
func (c *Composer) Compose(l Letter) (Message, error) {
	page, err := l.page()
	if err != nil {
		return Message{}, err
	}
	m := Message{From: netmail.Address{Name: l.Firm.Name}, Subject: l.Subject, Unsubscribe: l.Unsubscribe, Files: l.Files}
	var html, text strings.Builder
	if err := c.html.Execute(&html, page); err != nil {
		return Message{}, fmt.Errorf("draw mail: %w", err)
	}
	if err := c.text.Execute(&text, page); err != nil {
		return Message{}, fmt.Errorf("draw mail: %w", err)
	}
	m.HTML, m.Text = html.String(), wrap(text.String(), 72)
	if len(l.Firm.Logo.Data) > 0 {
		m.Inline = []Inline{l.Firm.Logo}
	}
	return m, nil
}

func (l Letter) page() (Page, error) {
	if l.Markdown != "" {
		l.Lines = []string{markdown.Plain(l.Markdown)}
	}
	if l.Firm.Name == "" || l.Subject == "" || len(l.Lines) == 0 {
		return Page{}, fmt.Errorf("a letter needs a firm, a subject and a line")
	}
	if l.Button != (Button{}) && (l.Button.Label == "" || !absolute(l.Button.URL)) {
		return Page{}, fmt.Errorf("the button of %q needs a label and a full address", l.Subject)
	}
	if !colour.MatchString(l.Firm.Color) || !colour.MatchString(l.Firm.Ink) {
		l.Firm.Color, l.Firm.Ink = "#33403a", "#ffffff"
	}
	firm := Masthead{
		Name: l.Firm.Name, Color: l.Firm.Color, Ink: l.Firm.Ink,
		Address: l.Firm.Address, Phone: l.Firm.Phone, Email: l.Firm.Email,
	}
	switch {
	case len(l.Firm.Logo.Data) > 0:
		firm.LogoURL = htmltemplate.URL("cid:" + l.Firm.Logo.CID) // encode lets only plain names through
	case absolute(l.Firm.LogoURL):
		firm.LogoURL = htmltemplate.URL(l.Firm.LogoURL)
	}
	reader := l.Reader
	if reader == nil {
		reader = lang.English
	}
	page := Page{
		Lang: reader.Code, Dir: reader.Dir, Says: Says{
			reader.Say("On another device? Type this code:"), reader.Say("If the button does not open, copy this address into your browser:"),
			reader.Say("Choose which mails you get"),
		},
		Subject: l.Subject, Preheader: tidy(l.Lines[0]), Firm: firm,
		Heading: l.Greeting, Lines: l.Lines,
		Button: Link{l.Button.Label, l.Button.URL}, Code: l.Code, CodeNote: l.CodeNote,
		After: l.Small, UnsubscribeURL: l.Unsubscribe,
	}
	if l.Markdown != "" {
		page.Heading, page.Content, page.Preheader = "", markdown.Mail(l.Markdown), tidy(markdown.Lead(l.Markdown))
		if reader.Dir == "rtl" {
			page.Content = htmltemplate.HTML(turned.Replace(string(page.Content)))
		}
	}
	return page, nil
}

// turned puts the room before lists and quotations where their lines begin, for those who read from the right; many mail
// programs know no other styles than these.
var turned = strings.NewReplacer("padding:0 0 0 22px", "padding:0 22px 0 0", "padding:0 0 0 14px;border-left", "padding:0 14px 0 0;border-right")

var colour = regexp.MustCompile(`^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`)

func absolute(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

// wrap breaks long lines between words, keeps their indent, and leaves one empty line where there were more. A word that
// is too long, such as a link, stays whole.
func wrap(text string, width int) string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \t\r\n"); line == "--" {
			line = "-- " // what mail programs know a signature by
		}
		if line == "" {
			if len(out) > 0 && out[len(out)-1] != "" {
				out = append(out, "")
			}
			continue
		}
		out = append(out, fold(line, width)...)
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n"
}

func fold(line string, width int) (lines []string) {
	if utf8.RuneCountInString(line) <= width {
		return []string{line}
	}
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	now, n := indent, utf8.RuneCountInString(indent)
	for _, word := range strings.Fields(line) {
		size := utf8.RuneCountInString(word)
		switch {
		case now == indent:
			now, n = now+word, n+size
		case n+1+size > width:
			lines = append(lines, now)
			now, n = indent+word, len(indent)+size
		default:
			now, n = now+" "+word, n+1+size
		}
	}
	return append(lines, now)
}
