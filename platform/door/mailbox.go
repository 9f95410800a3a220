package door

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"portico/platform/access"
	"portico/platform/fault"
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/secret"
	"portico/platform/web"
)

// MailboxPath is where the kept mails are shown: behind a key, because they open every account of the installation.
func (d *Door) MailboxPath() string { return "/mailbox/" + d.mailboxKey() }

func (d *Door) mailboxKey() string {
	return base64.RawURLEncoding.EncodeToString(d.Key.MAC("mailbox")[:18])
}

func (d *Door) mailboxRoutes() []web.Route {
	get := func(path string, h web.Handler) web.Route {
		route := web.Get("/mailbox/:key"+path, access.Public, func(r *web.Request) error {
			if !secret.Same([]byte(r.Param("key")), []byte(d.mailboxKey())) {
				return fault.NotFound()
			}
			r.SetHeader("Referrer-Policy", "no-referrer")
			r.SetHeader("X-Robots-Tag", "noindex")
			return h(r)
		})
		route.NoFirm = true // mails of all firms
		return route
	}
	return []web.Route{get("", d.mails), get("/:mail", d.mail), get("/:mail/html", d.mailHTML)}
}

const mailsAPage = 50

// mailboxView is a whole document: the mailbox belongs to no firm, so no shell stands around it.
type mailboxView struct {
	*web.Here
	Shell        web.Shell
	Base, Search string
	Mails        []mailRow
	Total        int
	Newer, Older string
	Poll         string
}

type mailRow struct {
	Href, To, From, Subject, Kind, Preview string
	Sent                                   any
	Problem                                string
}

func (d *Door) mails(r *web.Request) error {
	search := r.Query("q")
	page, _ := strconv.Atoi(r.Query("page")) // nonsense is the first page
	page = min(max(page, 0), 1_000_000)
	found, total, err := d.Mailbox.List(mailsAPage, page*mailsAPage, search)
	if err != nil {
		return err
	}
	base := d.MailboxPath()
	view := mailboxView{Here: r.Here(), Shell: mailboxShell("Mailbox"), Base: base, Search: search, Total: total, Poll: mailsAt(base, search, page)}
	for _, m := range found {
		view.Mails = append(view.Mails, mailRow{
			Href: base + "/" + url.PathEscape(m.ID), To: names(m), From: m.From.Name, Subject: m.Subject, Kind: m.Kind,
			Preview: preview(m.Text), Sent: r.Here().Local(m.Date), Problem: m.Problem,
		})
	}
	if page > 0 {
		view.Newer = mailsAt(base, search, page-1)
	}
	if (page+1)*mailsAPage < total {
		view.Older = mailsAt(base, search, page+1)
	}
	if r.IsPart() {
		return r.Parts(web.Draw("auth/_mails", view))
	}
	return r.Parts(web.Draw("auth/mailbox", view))
}

func mailsAt(base, search string, page int) string {
	q := url.Values{}
	if search != "" {
		q.Set("q", search)
	}
	if page > 0 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return base
	}
	return base + "?" + q.Encode()
}

func mailboxShell(title string) web.Shell {
	return web.Shell{Lang: "en", Dir: "ltr", Title: title, Firm: web.ShellFirm{Name: "Portico"}, Side: "stranger"}
}

type mailView struct {
	*web.Here
	Shell   web.Shell
	Base    string
	Mail    mail.Received
	To      string
	Sent    any
	HTMLSrc string
	Headers []header
}

type header struct{ Name, Value string }

// shownHeaders are what a person may want to see of how a mail travels.
var shownHeaders = []string{"From", "Reply-To", "To", "Subject", "Date", "Message-Id", "List-Unsubscribe", "Auto-Submitted"}

func (d *Door) mail(r *web.Request) error {
	m, err := d.Mailbox.Get(r.Param("mail"))
	if err != nil {
		return err
	}
	base := d.MailboxPath()
	view := mailView{Here: r.Here(), Shell: mailboxShell(m.Subject), Base: base, Mail: m, To: names(m), Sent: r.Here().Local(m.Date)}
	if m.HTML != "" {
		view.HTMLSrc = base + "/" + url.PathEscape(m.ID) + "/html"
	}
	for _, name := range shownHeaders {
		if value := m.Headers.Get(name); value != "" {
			view.Headers = append(view.Headers, header{name, value})
		}
	}
	return r.Parts(web.Draw("auth/mailbox_mail", view))
}

// mailHTML is the mail as it was drawn, in a frame that can show and open links, and nothing else.
func (d *Door) mailHTML(r *web.Request) error {
	m, err := d.Mailbox.Get(r.Param("mail"))
	if err != nil {
		return err
	}
	r.SetHeader("Content-Security-Policy", mail.FramePolicy)
	r.SetHeader("X-Frame-Options", "SAMEORIGIN")
	r.SetHeader("Content-Type", "text/html; charset=utf-8")
	return r.Bytes([]byte(m.Frame()))
}

func names(m mail.Received) string {
	var all []string
	for _, to := range m.To {
		if to.Name == "" {
			all = append(all, to.Address)
			continue
		}
		all = append(all, to.Name+" <"+to.Address+">")
	}
	return lang.English.List(all)
}

// preview is how a mail begins, without the address behind its button.
func preview(text string) string {
	text, _, _ = strings.Cut(text, "://")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > 1 && strings.HasSuffix(lines[len(lines)-1], "http") || strings.HasSuffix(text, "https") {
		lines = lines[:len(lines)-1]
	}
	begin := []rune(strings.Join(strings.Fields(strings.Join(lines, " ")), " "))
	if len(begin) > 140 {
		return string(begin[:140]) + "…"
	}
	return string(begin)
}
