package envelopes

import "time"

// turn are the recipients who may act now. In order, those with the lowest position of whom something is missing; at once,
// everybody. Who signs for the firm comes after all others. Somebody whose time is over keeps the turn: the order waits
// until staff extend it, and with others at once only that one is out.
func turn(e Envelope, now time.Time) []Recipient {
	if e.Status != Sent {
		return nil
	}
	waiting := waitingFor(e.Recipients, false)
	if len(waiting) == 0 {
		waiting = waitingFor(e.Recipients, true)
	}
	var at []Recipient
	for _, r := range waiting {
		if !e.Ordered || r.Position == waiting[0].Position {
			at = append(at, r)
		}
	}
	open := at[:0:0]
	for _, r := range at {
		if !r.Expired(now) {
			open = append(open, r)
		}
	}
	return open
}

// waitingFor are those of whom something is missing, the first in order first: of the firm, or of the others.
func waitingFor(all []Recipient, firm bool) []Recipient {
	var waiting []Recipient
	for _, r := range all {
		if !r.Done() && (r.Role == Countersigner) == firm {
			waiting = append(waiting, r)
		}
	}
	for i := 1; i < len(waiting); i++ { // few, and the order of equals stays
		for j := i; j > 0 && waiting[j].Position < waiting[j-1].Position; j-- {
			waiting[j], waiting[j-1] = waiting[j-1], waiting[j]
		}
	}
	return waiting
}

// may reports whether a recipient may act now.
func may(e Envelope, r Recipient, now time.Time) bool {
	for _, one := range turn(e, now) {
		if one.ID == r.ID {
			return true
		}
	}
	return false
}

// finished reports whether all who must act have signed.
func finished(e Envelope) bool {
	return e.Status == Sent && len(waitingFor(e.Recipients, false)) == 0 && len(waitingFor(e.Recipients, true)) == 0
}

// Step is how far an envelope is, as people say it.
type Step string

const (
	StepDraft    Step = "draft"
	StepSent     Step = "sent"
	StepViewed   Step = "viewed"
	StepPartly   Step = "partly_signed"
	StepClients  Step = "clients_signed" // only the firm's own signature is missing
	StepExpired  Step = "expired"        // nobody can act: the time of those who could is over
	StepSealing  Step = "sealing"
	StepComplete Step = "complete"
	StepDeclined Step = "declined"
	StepVoid     Step = "void"
)

// Title names a step for people.
func (s Step) Title() string {
	return map[Step]string{
		StepDraft: "Draft", StepSent: "Sent", StepViewed: "Opened", StepPartly: "Partly signed", StepClients: "Waits for our signature",
		StepExpired: "Expired", StepSealing: "All have signed", StepComplete: "Complete", StepDeclined: "Declined", StepVoid: "Void",
	}[s]
}

// Mark is the colour of its badge.
func (s Step) Mark() string {
	return map[Step]string{
		StepSent: "info", StepViewed: "info", StepPartly: "sign", StepClients: "sign", StepExpired: "late", StepSealing: "info",
		StepComplete: "ok", StepDeclined: "late",
	}[s]
}

// step derives it from what was kept.
func (e Envelope) step(now time.Time) Step {
	if e.Status != Sent {
		return Step(e.Status)
	}
	signed, opened := false, false
	for _, r := range e.Recipients {
		signed = signed || r.Role.Acts() && !r.SignedAt.IsZero()
		opened = opened || !r.OpenedAt.IsZero()
	}
	switch {
	case len(turn(e, now)) == 0:
		return StepExpired
	case len(waitingFor(e.Recipients, false)) == 0:
		return StepClients
	case signed:
		return StepPartly
	case opened:
		return StepViewed
	}
	return StepSent
}
