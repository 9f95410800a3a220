package clients

import "time"

// mailsShown is how many of a contact's latest mails its page lists.
const mailsShown = 5

// sentMail is a mail to a contact, and what became of it.
type sentMail struct {
	Subject, State, Detail string
	At                     time.Time
	Late                   string // what another server said of a delay
}

// Fate is that in a word.
func (m sentMail) Fate() state {
	switch {
	case m.State == "bounced":
		return state{"bounced", "Came back", "late", "mail-x"}
	case m.State == "dropped":
		return state{"dropped", "Not wanted", "muted", ""}
	case m.State == "failed":
		return state{"failed", "Not sent", "late", ""}
	case m.State == "unsure":
		return state{"unsure", "Perhaps sent", "due", "circle-help"}
	case m.State == "handing":
		return state{"handing", "Being sent", "info", "clock"}
	case m.Late != "":
		return state{"late", "Delayed", "due", "clock"}
	}
	return state{"sent", "Sent", "info", "send"}
}

// Why says more, where there is more to say.
func (m sentMail) Why() string {
	switch m.State {
	case "bounced", "failed":
		return withoutMark.Replace(m.Detail)
	case "dropped":
		return "This person does not want these mails."
	case "unsure":
		return m.Detail + " Ask, or send it again."
	}
	return withoutMark.Replace(m.Late)
}
