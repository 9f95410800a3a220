package inbound_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/inbound"
	"portico/platform/secret"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
}

func TestMailsOfManyProgramsAreRead(t *testing.T) {
	for name, want := range map[string]struct {
		text  string
		files string
		auto  bool
	}{
		"gmail.eml":        {text: "Yes, Tuesday works for us.\n\nCould you bring the samples?"},
		"gmail_html.eml":   {text: "Only HTML here – with “quotes”.\n\nSecond line."},
		"outlook.eml":      {text: "Please go ahead with the green one.\n\nKind regards\nAna", files: "plan é.pdf"},
		"outlook_tnef.eml": {text: "See attached."},
		"apple.eml":        {text: "Great!\n\nHere is how it looks today:", files: "IMG_2041.jpeg"},
		"latin1.eml":       {text: "Schöne Grüße aus Köln, bitte 3 m² mehr."},
		"iso2022.eml":      {text: "ありがとうございます"},
		"invite.eml":       {text: "Let us meet on site."},
		"interleaved.eml":  {text: "> Which tile?\n\nThe green one.\n\n> When?\n\nNext week."},
		"holiday.eml":      {text: "I am away until Monday.", auto: true},
		"bounce.eml":       {text: "Delivery failed.", auto: true},
		"list.eml":         {text: "Our newsletter", auto: true},
		"dmarc.eml":        {text: "Please pay to another account."},
		"german.eml":       {text: "Passt gut, danke!"},
		"deep.eml":         {text: "Found in the depth"},
		"broken.eml":       {text: "Half a mail"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := inbound.Read(sample(t, name))
			if err != nil {
				t.Fatal(err)
			}
			if m.Text != want.text {
				t.Errorf("the text is %q, not %q", m.Text, want.text)
			}
			var files []string
			for _, f := range m.Files {
				files = append(files, f.Name)
			}
			if got := strings.Join(files, "|"); got != want.files {
				t.Errorf("the files are %q, not %q", got, want.files)
			}
			if m.Automatic != want.auto {
				t.Errorf("automatic %t", m.Automatic)
			}
			if m.From == "" && !want.auto {
				t.Error("nobody wrote it")
			}
		})
	}
}

func TestOnlyWhatIsOnesOwnIsCut(t *testing.T) {
	for text, want := range map[string]string{
		"On the other hand we wrote:\nfine": "On the other hand we wrote:\nfine",
		"From: the window\nit looks good":   "From: the window\nit looks good",
		"One\n-- \nAna\nRivera Inc.":        "One",
		"One\n\nSent from my iPhone":        "One",
		"a\n> b\n> c":                       "a",
		"Am I still in?\n\nOn Tue, Nov 3, 2026 at 9:12 AM Northgate <a@b.example> wrote:\n> x": "Am I still in?",
		"> only quoted": "",
		"Dear all,\n\nOn Mon, Nov 2, 2026 at 9:00 AM Northgate <\nreply+abc@x.example> wrote:\n> hi": "Dear all,",
	} {
		if got := inbound.Answer(strings.ReplaceAll(text, "-- \n", "--\n")); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
}

func TestAddressesAreOurs(t *testing.T) {
	place := uuid.Must(uuid.NewV7())
	a := inbound.OpenAddress("Reply@replies.example.com", secret.NewKey())
	address := a.For(place)
	local, _, _ := strings.Cut(address, "@")
	if len(local) > 64 {
		t.Errorf("%s is longer than a mailbox's name may be", local)
	}
	for _, good := range []string{address, strings.ToUpper(address)} {
		if got, ok := a.Place(good); !ok || got != place {
			t.Errorf("%s is not ours", good)
		}
	}
	flipped := []byte(address)
	flipped[12] ^= 1
	for _, bad := range []string{"", "@", "reply@replies.example.com", string(flipped), strings.Replace(address, "example.com", "example.org", 1), strings.Replace(address, "+", "-", 1), address + "x"} {
		if _, ok := a.Place(bad); ok {
			t.Errorf("%s is taken for ours", bad)
		}
	}
	if (inbound.Address{}).For(place) != "" {
		t.Error("there is an address without a setting")
	}
}

// keys answers every question for a key with the same one.
type keys string

func (k keys) TXT(context.Context, string) ([]string, error) { return []string{string(k)}, nil }

// FuzzRead: whatever a mail is, it is read without harm, by whoever asks who vouches for it, too.
func FuzzRead(f *testing.F) {
	all, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range all {
		f.Add(sample(f, filepath.Base(name)))
	}
	for _, name := range []string{"gmail.eml", "outlook.eml"} { // with what looks like a signature
		f.Add(append([]byte("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed; d=example.com; s=s; h=From:To; bh=AAAA; b=AAAA\r\n"), sample(f, name)...))
	}
	f.Add(append([]byte("Authentication-Results: mx (a\\); b); dmarc=pass; spf=\"x\r\n"), sample(f, "gmail.eml")...))
	d := desk(new(kept))
	d.Relay, d.DNS = "mx", keys("v=DKIM1; k=ed25519; p="+strings.Repeat("A", 43)+"=")
	to := d.Address.For(uuid.Must(uuid.NewV7()))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, _, err := d.Hook(t.Context(), inbound.Hooked{Authorization: "Bearer " + d.Secret, Recipient: to, Body: raw}); err != nil {
			t.Error(err)
		}
		m, err := inbound.Read(raw)
		if err != nil {
			return
		}
		for _, text := range []string{m.Text, m.Whole, m.Subject, m.FromName} {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				t.Errorf("%q cannot be kept", text)
			}
		}
		if len(m.Files) > 10 {
			t.Errorf("%d files", len(m.Files))
		}
	})
}
