package mail

import (
	"strings"
	"testing"
)

func TestARefusalSaysWhoHasToAct(t *testing.T) {
	const bounced, temporary, permanent = "bounced", "temporary", "permanent"
	for _, c := range []struct {
		at   stage
		code int
		text string
		want string
	}{
		{recipient, 550, "5.1.1 The email account that you tried to reach does not exist", bounced},
		{recipient, 550, "No such user here", bounced},
		{recipient, 551, "User not local", bounced},
		{recipient, 552, "5.2.2 mailbox full", bounced},
		{recipient, 553, "mailbox name not allowed", bounced},
		{recipient, 556, "domain does not accept mail", bounced},
		{recipient, 556, "5.1.10 null MX", bounced},
		{recipient, 550, "5.4.1 Recipient address rejected: Access denied", bounced}, // Exchange: unknown person
		{recipient, 550, "5.5.0 Requested action not taken: mailbox unavailable", bounced},
		{recipient, 550, "5.2.1 The account is disabled", bounced},
		{recipient, 550, "5.7.17 mailbox has a new owner", bounced},
		{recipient, 511, "sorry, no mailbox here by that name (#5.1.1)", bounced},
		{recipient, 553, "5.6.7 non-ASCII addresses not permitted", bounced},
		{content, 550, "5.1.1 User unknown", bounced}, // a server that asks further only then

		{recipient, 450, "4.2.1 receiving mail too quickly", temporary},
		{recipient, 451, "greylisted", temporary},
		{greeting, 421, "4.7.0 try again later", temporary},
		{greeting, 454, "4.7.0 temporary authentication failure", temporary},
		{content, 452, "out of space", temporary},

		{greeting, 554, "no SMTP service here", permanent},
		{greeting, 535, "5.7.8 bad password", permanent},
		{sender, 550, "5.1.8 sender's domain does not exist", permanent},
		{sender, 550, "not your address", permanent},
		{recipient, 554, "transaction failed", permanent},
		{recipient, 550, "5.7.1 message violates policy", permanent},
		{recipient, 550, "5.7.26 not authenticated with SPF or DKIM", permanent},
		{recipient, 550, "5.7.0 blocked", permanent},
		{recipient, 553, "5.1.8 sender rejected", permanent},
		{recipient, 550, "5.1.7 bad sender's address", permanent},
		{recipient, 550, "relay not permitted", permanent},
		{recipient, 551, "we do not relay", permanent},
		{recipient, 553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", permanent},
		{recipient, 530, "authentication required", permanent},
		{recipient, 552, "5.2.3 message too long", permanent},
		{recipient, 552, "5.3.4 message too big", permanent},
		{recipient, 503, "5.5.1 bad sequence", permanent},
		{recipient, 554, "5.1.2.3 is on a block list", permanent}, // an IP address, not a code
		{content, 550, "looks like spam", permanent},
		{content, 552, "message too large", permanent},
		{content, 554, "5.7.1 rejected", permanent},
	} {
		err := classify(c.at, c.code, c.text)
		got := map[string]bool{bounced: IsBounced(err), temporary: IsTemporary(err), permanent: IsPermanent(err)}
		for kind, is := range got {
			if is != (kind == c.want) {
				t.Errorf("%s: %d %s: %s is %v", c.at, c.code, c.text, kind, is)
			}
		}
	}
}

func TestAServersWordsNameNobody(t *testing.T) {
	got := withoutPeople("5.1.1 <ana@example.com>:\r\n ana@example.com unknown; see to:ana@example.com " + strings.Repeat("x", 500))
	if strings.Contains(got, "ana@") || strings.ContainsAny(got, "\r\n") || len([]rune(got)) > 300 {
		t.Errorf("got %q", got)
	}
}
