package inbound

import (
	"regexp"
	"strings"
)

// Answer is what somebody wrote themselves: the text before the mail that it answers, without quoted lines at its end and
// without a signature. What would leave nothing is not cut.
func Answer(text string) string {
	lines := strings.Split(text, "\n")
	lines = lines[:olderFrom(lines)]
	lines = withoutQuotes(lines)
	lines = lines[:signatureFrom(lines)]
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

var (
	// "On Tue, Nov 3, 2026 at 9:12 AM Ben <ben@…> wrote:", in the languages of the mail programs that our clients use.
	wrote = regexp.MustCompile(`(?i)^\s*>*\s*(on|am|le|el|il|op|em|den|dne|dnia|på)\b.{4,300}(wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev|napsal|napisał)\b.{0,80}:?\s*$`)
	// "-----Original Message-----" and its like.
	original = regexp.MustCompile(`(?i)^\s*(-{2,}|_{2,})\s*(original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original)\s*-*\s*$`)
	rule     = regexp.MustCompile(`^\s*_{10,}\s*$`)
	fromLine = regexp.MustCompile(`(?i)^\s*\*?(from|von|de|da|van)\s*:\*?\s*.+`)
	sentLine = regexp.MustCompile(`(?i)^\s*\*?(sent|date|gesendet|datum|envoyé|enviado|fecha|inviato|data|verzonden|to|an|à|para|a|aan|subject|betreff|objet|asunto|oggetto|onderwerp)\s*:\*?\s*.+`)
	marker   = regexp.MustCompile(`(?i)^\s*(get outlook for|sent from my|sent from outlook|sent via|von meinem|envoyé de mon|enviado desde mi|inviato da|gesendet von)\b.{0,80}$`)
	ours     = regexp.MustCompile(`\+[a-z2-7]{42}@`) // our own address, as programs repeat it above what they quote
)

// olderFrom is where the mail begins that is answered.
func olderFrom(lines []string) int {
	for i, line := range lines {
		switch {
		case writes(lines[i:]), original.MatchString(line):
			return i
		case heads(lines[i:]):
			if i > 0 && rule.MatchString(lines[i-1]) {
				return i - 1
			}
			return i
		case ours.MatchString(line) && !strings.HasPrefix(strings.TrimSpace(line), "http"):
			return i
		}
	}
	return len(lines)
}

// writes reports whether the lines begin by saying who wrote what follows, and when. Programs break that line into up to
// three; a sentence of one's own has no date in it, and ends before an empty line.
func writes(lines []string) bool {
	text := ""
	for _, line := range lines[:min(len(lines), 3)] {
		line = strings.TrimSpace(line)
		if line == "" || text == "" && !strings.ContainsAny(line, "0123456789") {
			return false
		}
		if text = strings.TrimSpace(text + " " + line); wrote.MatchString(text) {
			return true
		}
	}
	return false
}

// heads reports whether a block of heads begins here, as Outlook puts it above what it quotes.
func heads(lines []string) bool {
	if !fromLine.MatchString(lines[0]) {
		return false
	}
	n := 0
	for _, line := range lines[1:min(len(lines), 6)] {
		if sentLine.MatchString(line) {
			n++
		}
	}
	return n >= 2
}

// withoutQuotes drops quoted lines at the end; those between one's own words stay, for they are what is answered.
func withoutQuotes(lines []string) []string {
	end := len(lines)
	for end > 0 {
		line := strings.TrimSpace(lines[end-1])
		if line != "" && !strings.HasPrefix(line, ">") {
			break
		}
		end--
	}
	return lines[:end]
}

// signatureFrom is where a signature begins: after "-- ", or where a phone says what it is.
func signatureFrom(lines []string) int {
	for i, line := range lines {
		if i > 0 && (line == "--" || line == "-- " || line == "—") {
			return i
		}
		if marker.MatchString(line) && len(lines)-i <= 4 {
			return i
		}
	}
	return len(lines)
}
