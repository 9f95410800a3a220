package mail_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"portico/platform/mail"
)

// zone answers from a list, as the DNS does.
type zone struct {
	txt    map[string][]string
	mx     map[string]string
	broken bool
}

func (z zone) LookupTXT(ctx context.Context, name string) ([]string, error) {
	if _, limited := ctx.Deadline(); !limited {
		return nil, errors.New("asked without a time limit")
	}
	if z.broken {
		return nil, &net.DNSError{Err: "server misbehaving", Name: name}
	}
	if z.txt[name] == nil {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return z.txt[name], nil
}

func (z zone) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	if z.mx[name] == "" {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return []*net.MX{{Host: z.mx[name] + "."}}, nil
}

func TestTheDNSIsReadAndTheRecordIsNamed(t *testing.T) {
	key, err := mail.NewDKIMKey("ed25519")
	must(t, err)
	signer, err := mail.OpenSigner("portal@acme.com", "portico", key)
	must(t, err)
	at, public := signer.Record()
	good := map[string][]string{
		"acme.com": {"google-site-verification=x", "v=spf1 include:sendgrid.net ~all"}, at: {public}, "_dmarc.acme.com": {"v=DMARC1; p=reject"},
		"b.acme.com": {"v=spf1 a:mail.acme.com -all"},
	}
	with := func(name string, records ...string) map[string][]string {
		all := map[string][]string{}
		for n, r := range good {
			all[n] = r
		}
		all[name] = records
		if len(records) == 0 {
			delete(all, name)
		}
		return all
	}
	sending := mail.Sending{From: "portal@acme.com", Server: "smtp.sendgrid.net", Signer: signer}
	for name, c := range map[string]struct {
		zone    zone
		sending mail.Sending
		what    string
		ok      bool
		says    string
	}{
		"all is well":           {zone{txt: good}, sending, "SPF", true, "sendgrid"},
		"signed and published":  {zone{txt: good}, sending, "DKIM", true, "publishes our key"},
		"a policy":              {zone{txt: good}, sending, "DMARC", true, "p=reject"},
		"policy of the parent":  {zone{txt: good}, mail.Sending{From: "x@mail.acme.com"}, "DMARC", true, "_dmarc.acme.com"},
		"no SPF":                {zone{txt: with("acme.com")}, sending, "SPF", false, `acme.com TXT "v=spf1 include:sendgrid.net ~all"`},
		"own server":            {zone{}, mail.Sending{From: "x@acme.com", Server: "mail.acme.com"}, "SPF", false, `"v=spf1 a:mail.acme.com ~all"`},
		"two SPF":               {zone{txt: with("acme.com", "v=spf1 a -all", "v=spf1 mx -all")}, sending, "SPF", false, "more than one"},
		"another service":       {zone{txt: with("acme.com", "v=spf1 include:_spf.google.com -all")}, sending, "SPF", false, `"v=spf1 include:_spf.google.com include:sendgrid.net -all"`},
		"everybody":             {zone{txt: with("acme.com", "v=spf1 +all")}, sending, "SPF", false, "whole world"},
		"key not published":     {zone{txt: with(at)}, sending, "DKIM", false, at + ` TXT "v=DKIM1; k=ed25519; p=`},
		"another key":           {zone{txt: with(at, "v=DKIM1; k=ed25519; p=AAAA")}, sending, "DKIM", false, "another key"},
		"key with blanks":       {zone{txt: with(at, strings.Replace(public, "p=", "p= ", 1))}, sending, "DKIM", true, ""},
		"unsigned":              {zone{txt: good}, mail.Sending{From: "x@acme.com"}, "DKIM", false, "portico admin dkim-key"},
		"no policy":             {zone{txt: with("_dmarc.acme.com")}, sending, "DMARC", false, `_dmarc.acme.com TXT "v=DMARC1; p=none; rua=mailto:postmaster@acme.com"`},
		"reports reach nobody":  {zone{txt: good}, mail.Sending{From: "x@acme.com", Bounce: "bounce@b.acme.com", Receives: true}, "MX", false, "b.acme.com MX 10"},
		"reports reach us":      {zone{txt: good, mx: map[string]string{"b.acme.com": "portal.acme.com"}}, mail.Sending{From: "x@acme.com", Bounce: "bounce@b.acme.com", Receives: true}, "MX", true, "portal.acme.com"},
		"SPF of the reports":    {zone{txt: with("b.acme.com")}, mail.Sending{From: "x@acme.com", Bounce: "bounce@b.acme.com", Server: "mail.acme.com"}, "SPF", false, "b.acme.com TXT"},
		"strangers' reports":    {zone{txt: good}, mail.Sending{From: "x@acme.com", Bounce: "bounce@other.net"}, "alignment", false, "no connection"},
		"a DNS that is silent":  {zone{broken: true}, sending, "SPF", false, "gave no answer"},
		"a domain of this room": {zone{}, mail.Sending{From: "portal@localhost"}, "SPF, DKIM, DMARC", false, "no public domain"},
	} {
		found := false
		for _, h := range mail.Hints(t.Context(), c.zone, c.sending) {
			if h.What == c.what {
				found = true
				if said := h.Text + " " + h.Record; h.OK != c.ok || !strings.Contains(said, c.says) {
					t.Errorf("%s: %v %s", name, h.OK, said)
				}
			}
		}
		if !found {
			t.Errorf("%s: no word on %s", name, c.what)
		}
	}
}

func TestALongRecordIsWrittenInPieces(t *testing.T) {
	if got := mail.Quoted(strings.Repeat("x", 400)); strings.Count(got, `"`) != 4 || len(got) != 400+5 {
		t.Error(got)
	}
}
