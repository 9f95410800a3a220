package mail

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// Bounced says that this address takes no mail: mark the contact, do not try again.
type Bounced struct {
	Code int    // as the server answered; 553 for an address that is none
	Text string // its words, without addresses
}

func (e *Bounced) Error() string { return "mail bounced: " + reply(e.Code, e.Text) }

// Temporary says that nothing is wrong with the message: try the same again later.
type Temporary struct {
	Code int // 0: no answer at all
	Text string
	// Perhaps says that the whole message went out and nothing was heard of it: the server may have taken it.
	Perhaps bool
	err     error
}

func (e *Temporary) Error() string { return "mail delayed: " + reply(e.Code, e.Text) }
func (e *Temporary) Unwrap() error { return e.err }

// Permanent says that we are at fault, not the recipient: an operator must mend a setting, or a program a message.
type Permanent struct {
	Code int
	Text string
}

func (e *Permanent) Error() string { return "mail refused: " + reply(e.Code, e.Text) }

// IsBounced reports whether the recipient's address is the trouble.
func IsBounced(err error) bool { return is[*Bounced](err) }

// IsTemporary reports whether trying again later may help.
func IsTemporary(err error) bool { return is[*Temporary](err) }

// IsPermanent reports whether somebody has to mend something on our side first.
func IsPermanent(err error) bool { return is[*Permanent](err) }

// IsPerhaps reports whether the message may have been taken all the same: trying again may be a second mail.
func IsPerhaps(err error) bool {
	var later *Temporary
	return errors.As(err, &later) && later.Perhaps
}

func is[T error](err error) bool {
	var kind T
	return errors.As(err, &kind)
}

func reply(code int, text string) string {
	if code == 0 {
		return text
	}
	return strings.TrimSpace(strconv.Itoa(code) + " " + text)
}

// stage is how far the conversation had come; the same code means different things at different moments.
type stage string

const (
	greeting  stage = "connecting"
	sender    stage = "MAIL FROM"
	recipient stage = "RCPT TO"
	content   stage = "DATA"
)

// classify turns a server's refusal into the kind of error that says who has to act.
//
//   - 4xx: later (RFC 5321, 4.2.1).
//   - 5xx before RCPT: nothing was said about the recipient yet, so it is about us: login, encryption, the sender, our
//     address (RFC 5321, 3.1 and 4.3.2; 5.1.7 and 5.1.8 of RFC 3463 are the sender's address too).
//   - An enhanced code (RFC 3463, 3) tells more than the three digits: 5.1.x is the address, 5.2.x the mailbox, 5.4.x the
//     way to its domain (Exchange answers 5.4.1 for unknown people), 5.6.7 an address that needs SMTPUTF8 (RFC 6531);
//     5.7.x is policy, hence ours to mend, save 5.7.17 and 5.7.18: the mailbox or domain has a new owner (RFC 7293).
//   - x.y.0 of these says "other or undefined", so the three digits decide: at RCPT 550, 551, 552, 553 (RFC 5321, 4.2.3)
//     and 556, "domain does not accept mail" (RFC 7504), are about the recipient; 554 and the rest are not. A refusal
//     to relay is written with 550 or 551 and is ours.
//   - After DATA the three digits are about what we wrote (RFC 5321, 4.3.2), so only an enhanced code may blame the recipient.
func classify(at stage, code int, text string) error {
	if code < 500 {
		return &Temporary{Code: code, Text: text}
	}
	if (at == recipient || at == content) && aboutRecipient(at, code, text) {
		return &Bounced{Code: code, Text: text}
	}
	return &Permanent{Code: code, Text: text}
}

func aboutRecipient(at stage, code int, text string) bool {
	if subject, detail, ok := enhanced(text); ok && (detail != 0 || subject == 7) {
		switch subject {
		case 1:
			return detail != 7 && detail != 8
		case 2:
			return detail != 3 // the message is too long, not the mailbox too small
		case 4:
			return at == recipient
		case 6:
			return detail == 7
		case 7:
			return detail == 17 || detail == 18
		default:
			return false
		}
	}
	if at != recipient || relaying.MatchString(text) {
		return false
	}
	return code >= 550 && code <= 553 || code == 556
}

var (
	relaying = regexp.MustCompile(`(?i)\brelay(ing)?\b|\brcpthosts\b`)
	// At the beginning as RFC 2034 has it, or "(#5.1.1)" at the end as qmail writes it. Anything else may be an IP address.
	status = regexp.MustCompile(`^5\.(\d{1,3})\.(\d{1,3})(?:\s|$)|\(#5\.(\d{1,3})\.(\d{1,3})\)`)
)

func enhanced(text string) (subject, detail int, ok bool) {
	found := status.FindStringSubmatch(text)
	if found == nil {
		return 0, 0, false
	}
	subject, _ = strconv.Atoi(found[1] + found[3])
	detail, _ = strconv.Atoi(found[2] + found[4])
	return subject, detail, true
}

var (
	anyAddress = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+`)
	controls   = regexp.MustCompile(`[\s\p{C}]+`)
)

// withoutPeople makes a server's words fit for a log: one short line and nobody's address in it.
func withoutPeople(text string) string {
	text = controls.ReplaceAllString(strings.ToValidUTF8(text, ""), " ")
	text = strings.TrimSpace(anyAddress.ReplaceAllString(text, "[address]"))
	if runes := []rune(text); len(runes) > 300 {
		return string(runes[:299]) + "…"
	}
	return text
}
