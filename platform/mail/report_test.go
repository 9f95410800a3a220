package mail_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/platform/mail"
)

func TestReportsOfRealServersAreRead(t *testing.T) {
	const about = "0193678e-4c5b-7a11-8f00-6b0f5f3d2c11"
	for name, want := range map[string]struct {
		report mail.Report
		hard   bool
		reason string
	}{
		"postfix":         {mail.Report{Action: "failed", Status: "5.1.1"}, true, "550 5.1.1 <[address]>: Recipient address rejected: User unknown in virtual mailbox table"},
		"postfix_delayed": {mail.Report{Action: "delayed", Status: "4.4.1"}, false, "Connection timed out"},
		"exchange":        {mail.Report{Action: "failed", Status: "5.1.10"}, true, "RecipientNotFound"},
		"gmail":           {mail.Report{Action: "failed", Status: "5.2.2"}, true, "out of storage space"},
	} {
		raw, err := os.ReadFile(filepath.Join("testdata", "reports", name+".eml"))
		must(t, err)
		for how, text := range map[string]string{"as it came": string(raw), "with CRLF": strings.ReplaceAll(string(raw), "\n", "\r\n")} {
			got, ok := mail.ParseReport([]byte(text))
			if !ok || got.Action != want.report.Action || got.Status != want.report.Status || got.Hard() != want.hard || !got.Trouble() {
				t.Errorf("%s %s: %+v, %v", name, how, got, ok)
			}
			if !strings.Contains(got.Reason, want.reason) || strings.Contains(got.Reason, "ana.rivera") {
				t.Errorf("%s %s: because of %q", name, how, got.Reason)
			}
			if got.Mail.String() != about || len(got.To) == 0 || got.To[0] != "bounce+token@bounces.acme.com" {
				t.Errorf("%s %s: about %s, to %v", name, how, got.Mail, got.To)
			}
		}
	}
	raw, err := os.ReadFile(filepath.Join("testdata", "reports", "holiday.eml"))
	must(t, err)
	if got, ok := mail.ParseReport(raw); ok {
		t.Errorf("a holiday reply is a report: %+v", got)
	}
}

func TestAReportOfSuccessIsNoTrouble(t *testing.T) {
	raw := "To: a@b.test\nContent-Type: multipart/report; boundary=B\n\n--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.test\nAction: delivered\nStatus: 2.0.0\n--B--\n"
	if got, ok := mail.ParseReport([]byte(raw)); !ok || got.Trouble() || got.Hard() {
		t.Errorf("%+v, %v", got, ok)
	}
}

func FuzzParseReport(f *testing.F) {
	samples, err := filepath.Glob(filepath.Join("testdata", "reports", "*.eml"))
	if err != nil || len(samples) == 0 {
		f.Fatal("no samples")
	}
	for _, name := range samples {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, ok := mail.ParseReport(raw)
		if !ok {
			return
		}
		if r.Action == "" || r.Status == "" || r.Reason == "" {
			t.Errorf("half read: %+v", r)
		}
		if len([]rune(r.Reason)) > 300 || strings.ContainsAny(r.Reason, "\r\n\x00") || strings.ContainsRune(r.Reason, '�') {
			t.Errorf("not fit for a page: %q", r.Reason)
		}
	})
}
