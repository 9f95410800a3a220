package billing

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/job"
	"portico/platform/module"
)

// Occasion is what there is to tell of an attempt.
type Occasion string

const (
	newsPaid     Occasion = "paid"
	newsFailed   Occasion = "failed"   // a debit that was on its way, or autopay: nobody was at the screen
	newsReturned Occasion = "returned" // the bank took it back
	newsRefunded Occasion = "refunded" // About is the refund
	newsDisputed Occasion = "disputed" // About is the dispute
	newsWon      Occasion = "won"
	newsLost     Occasion = "lost"
)

// news is something that people are told by mail, promised in the transaction in which it became true.
type news struct {
	Attempt uuid.UUID
	What    Occasion
	About   uuid.UUID
}

var announceNews = job.New[news]("billing:news")

// newsroom tells people what became of a payment.
type newsroom struct{ module.Platform }

func (n newsroom) handlers() []job.Handler {
	return []job.Handler{announceNews.Handle(n.tell), tellOne.Handle(n.mail).Within(time.Minute)}
}
