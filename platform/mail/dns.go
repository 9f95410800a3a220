package mail

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
)

// Resolver asks the DNS; net.DefaultResolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
}

// Sending is what the DNS has to say about our mail, for others to believe it.
type Sending struct {
	From     string  // the address that mails come from
	Bounce   string  // the address that reports go to; "": From
	Receives bool    // and we take them ourselves
	Server   string  // the host of SMTP_URL
	Signer   *Signer // nil: mails are not signed here
}

// Hint is one thing that an operator should know; Record is what to create, exactly.
type Hint struct {
	What, Text string
	OK         bool
	Record     string // "name TXT \"value\""; "" when there is nothing to create
}

const dnsWithin = 5 * time.Second

// Hints looks at SPF, DKIM and DMARC of the domain that mails come from. A domain that no server can see, such as
// localhost, has none.
func Hints(ctx context.Context, dns Resolver, s Sending) []Hint {
	from := publicDomain(s.From)
	if hidden(from) {
		return []Hint{{What: "SPF, DKIM, DMARC", Text: from + " is no public domain; other servers will not believe mail from it. Set PORTICO_MAIL_FROM to an address of your own domain"}}
	}
	back := from
	if s.Bounce != "" {
		back = publicDomain(s.Bounce)
	}
	l := looker{ctx, dns}
	hints := []Hint{l.spf(back, s.Server), l.dkim(from, s.Signer), l.dmarc(from)}
	if s.Receives {
		hints = append(hints, l.mx(back))
	}
	if s.Signer == nil && organisation(back) != organisation(from) {
		hints = append(hints, Hint{What: "alignment", Text: "mails come from " + from + " and their reports go to " + back +
			": without a signature DMARC sees no connection. Sign with PORTICO_DKIM, or choose a bounce address below " + organisation(from)})
	}
	return hints
}

func hidden(name string) bool {
	if !strings.Contains(name, ".") || net.ParseIP(name) != nil {
		return true
	}
	for _, end := range []string{".localhost", ".local", ".test", ".example", ".invalid", ".internal"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

func organisation(name string) string {
	if org, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return org
	}
	return name
}

type looker struct {
	ctx context.Context
	dns Resolver
}

// txt gives the records that begin with the mark.
func (l looker) txt(name, mark string) (found []string, err error) {
	ctx, cancel := context.WithTimeout(l.ctx, dnsWithin)
	defer cancel()
	all, err := l.dns.LookupTXT(ctx, name)
	for _, record := range all {
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(record)), mark) {
			found = append(found, strings.TrimSpace(record))
		}
	}
	return found, present(err)
}

// present lets through what is wrong with the asking; that there is no such name is an answer.
func present(err error) error {
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return nil
	}
	return err
}

func unanswered(what, name string, err error) Hint {
	return Hint{What: what, Text: "the DNS gave no answer for " + name + ": " + err.Error()}
}

func record(name, value string) string { return name + " TXT " + Quoted(value) }

// Quoted writes the value of a TXT record as zone files do: in quotes, in pieces of at most 255 characters.
func Quoted(value string) string {
	var pieces []string
	for len(value) > 250 {
		pieces, value = append(pieces, `"`+value[:250]+`"`), value[250:]
	}
	return strings.Join(append(pieces, `"`+value+`"`), " ")
}

// includes are what the mail services ask for in an SPF record, by the end of their servers' names.
var includes = map[string]string{
	"amazonaws.com": "include:amazonses.com", "sendgrid.net": "include:sendgrid.net", "mailgun.org": "include:mailgun.org",
	"postmarkapp.com": "include:spf.mtasv.net", "gmail.com": "include:_spf.google.com", "google.com": "include:_spf.google.com",
	"office365.com": "include:spf.protection.outlook.com", "outlook.com": "include:spf.protection.outlook.com",
	"mailjet.com": "include:spf.mailjet.com", "brevo.com": "include:spf.brevo.com", "sparkpostmail.com": "include:sparkpostmail.com",
	"zoho.com": "include:zoho.com", "fastmail.com": "include:spf.messagingengine.com", "migadu.com": "include:spf.migadu.com",
}

// senders is the part of an SPF record that lets our server send.
func senders(server string) string {
	server = strings.ToLower(server)
	for end, include := range includes {
		if strings.HasSuffix(server, end) {
			return include
		}
	}
	if hidden(server) {
		return "ip4:<the public address of your mail server>"
	}
	return "a:" + server
}

func (l looker) spf(name, server string) Hint {
	want := senders(server)
	found, err := l.txt(name, "v=spf1")
	switch {
	case err != nil:
		return unanswered("SPF", name, err)
	case len(found) == 0:
		return Hint{What: "SPF", Text: name + " does not say who may send its mail. Create", Record: record(name, "v=spf1 "+want+" ~all")}
	case len(found) > 1:
		return Hint{What: "SPF", Text: name + " has more than one SPF record, which counts as none. Make one of them"}
	case strings.Contains(found[0], "+all") || strings.HasSuffix(found[0], " all"):
		return Hint{What: "SPF", Text: name + " lets the whole world send its mail. End the record with ~all instead"}
	case !strings.Contains(want, "<") && !strings.Contains(strings.ToLower(found[0]), want) && strings.HasPrefix(want, "include:"):
		at := strings.LastIndex(found[0], " ")
		if at < 0 {
			at = len(found[0])
		}
		return Hint{What: "SPF", Text: name + " does not name your mail service. Change its record to", Record: record(name, found[0][:at]+" "+want+found[0][at:])}
	}
	return Hint{What: "SPF", OK: true, Text: name + ": " + found[0]}
}

func (l looker) dkim(name string, signer *Signer) Hint {
	if signer == nil {
		return Hint{What: "DKIM", Text: "mails are not signed here. If your mail server does not sign them either, set PORTICO_DKIM=portico and create the record that `portico admin dkim-key` prints"}
	}
	at, value := signer.Record()
	found, err := l.txt(at, "v=dkim1")
	switch {
	case err != nil:
		return unanswered("DKIM", at, err)
	case len(found) == 0:
		return Hint{What: "DKIM", Text: "the key of " + name + " is not published, so signatures cannot be checked. Create", Record: record(at, value)}
	case len(found) > 1 || keyIn(found[0]) != keyIn(value):
		return Hint{What: "DKIM", Text: at + " publishes another key, so every signature fails. Change it to", Record: record(at, value)}
	}
	return Hint{What: "DKIM", OK: true, Text: at + " publishes our key"}
}

// keyIn is the key in a record, without the blanks that panels put into it.
func keyIn(record string) string {
	for tag := range strings.SplitSeq(record, ";") {
		if key, ok := strings.CutPrefix(strings.TrimSpace(tag), "p="); ok {
			return strings.Join(strings.Fields(key), "")
		}
	}
	return ""
}

func (l looker) dmarc(name string) Hint {
	asked := []string{name}
	if org := organisation(name); org != name {
		asked = append(asked, org)
	}
	for _, at := range asked {
		found, err := l.txt("_dmarc."+at, "v=dmarc1")
		switch {
		case err != nil:
			return unanswered("DMARC", "_dmarc."+at, err)
		case len(found) > 1:
			return Hint{What: "DMARC", Text: "_dmarc." + at + " has more than one record, which counts as none. Make one of them"}
		case len(found) == 1:
			return Hint{What: "DMARC", OK: true, Text: "_dmarc." + at + ": " + found[0]}
		}
	}
	return Hint{What: "DMARC", Text: name + " does not say what to do with forged mail; large providers want to know. Create, and make it p=quarantine once reports look well",
		Record: record("_dmarc."+name, "v=DMARC1; p=none; rua=mailto:postmaster@"+organisation(name))}
}

func (l looker) mx(name string) Hint {
	ctx, cancel := context.WithTimeout(l.ctx, dnsWithin)
	defer cancel()
	found, err := l.dns.LookupMX(ctx, name)
	if err = present(err); err != nil {
		return unanswered("MX", name, err)
	}
	if len(found) == 0 {
		return Hint{What: "MX", Text: "nobody takes mail for " + name + ", so reports about undelivered mails are lost. Create", Record: name + " MX 10 <the public name of the machine with PORTICO_BOUNCE_LISTEN>"}
	}
	return Hint{What: "MX", OK: true, Text: name + ": " + strings.TrimSuffix(found[0].Host, ".")}
}
