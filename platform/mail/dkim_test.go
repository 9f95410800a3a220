package mail_test

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/uuid"

	"portico/platform/mail"
	"portico/platform/mail/mailtest"
)

// The other side of the library looks at what a real server was given.
func TestASignatureHoldsOverARealConversation(t *testing.T) {
	for _, kind := range []string{"rsa", "ed25519"} {
		t.Run(kind, func(t *testing.T) {
			server := mailtest.Start(t)
			smtp, err := mail.OpenSMTP(server.URL)
			must(t, err)
			key, err := mail.NewDKIMKey(kind)
			must(t, err)
			signer, err := mail.OpenSigner("mail@portico.test", "portico", key)
			must(t, err)
			smtp.SignWith(signer)
			must(t, smtp.Send(t.Context(), mail.Message{
				ID: uuid.Must(uuid.NewV7()), To: netmail.Address{Name: "Ana Łuczak", Address: "ana@example.com"},
				From: netmail.Address{Name: "Müller & Söhne"}, Subject: "Willkommen, Łucja — 日本",
				Text: ".a line that begins with a dot\n\n  spaces  \n" + strings.Repeat("long ", 300) + "\n\n\n", HTML: "<p>Hello</p>",
				Unsubscribe: "https://a.example/x", ReturnPath: "bounce+abc@bounces.portico.test",
				Inline: []mail.Inline{{CID: "logo", Type: "image/png", Data: bytes.Repeat([]byte{1, 2, 3}, 900)}},
			}))
			got := server.WaitFor(1)[0]
			if got.Sender != "bounce+abc@bounces.portico.test" {
				t.Errorf("reports go to %s", got.Sender)
			}
			name, record := signer.Record()
			look := func(asked string) ([]string, error) {
				if asked != name {
					return nil, fmt.Errorf("asked for %s", asked)
				}
				return []string{record}, nil
			}
			check := func(raw []byte) error {
				found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: look})
				if err != nil || len(found) != 1 {
					return fmt.Errorf("%d signatures, %v", len(found), err)
				}
				if found[0].Domain != "portico.test" {
					return fmt.Errorf("signed by %s", found[0].Domain)
				}
				return found[0].Err
			}
			if err := check(got.Raw); err != nil {
				t.Errorf("the signature does not hold: %v\n%s", err, got.Raw[:600])
			}
			for _, change := range [][2]string{{"Hello", "Hullo"}, {"From:", "From: evil@evil.example\r\nFrom:"}, {"Subject: ", "Subject: Re: "}} {
				if check(bytes.Replace(got.Raw, []byte(change[0]), []byte(change[1]), 1)) == nil {
					t.Errorf("%s was changed to %s unseen", change[0], change[1])
				}
			}
			if !strings.Contains(string(got.Raw), "c=relaxed/relaxed") {
				t.Error("not relaxed")
			}
		})
	}
}

func TestAKeyIsAskedForProperly(t *testing.T) {
	if _, err := mail.NewDKIMKey("dsa"); err == nil {
		t.Error("an unknown kind of key")
	}
	for _, bad := range []string{"", "a b", "A", "-x", "x."} {
		if mail.CheckSelector(bad) == nil {
			t.Errorf("selector %q", bad)
		}
	}
	key, err := mail.NewDKIMKey("ed25519")
	must(t, err)
	signer, err := mail.OpenSigner("Büro@Müller.Example", "portico", key)
	must(t, err)
	if name, _ := signer.Record(); name != "portico._domainkey.xn--mller-kva.example" {
		t.Errorf("a domain with umlauts is published as %s", name)
	}
	if _, err := mail.OpenSigner("a@b.test", "portico", []byte("nonsense")); err == nil {
		t.Error("a key that is none")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
