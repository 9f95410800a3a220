package mail

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A greeting with encryption and login costs more than the mail itself, and servers count connections: a conversation
// that went well waits a little for the next mail.
const (
	mostIdle = 16
	idleFor  = 10 * time.Second // many servers hang up themselves after some minutes, some after half of one
	mostSent = 100              // mails of one conversation: servers have limits of their own, and balancers want their turn
)

// idle are conversations with nothing to say for now.
type idle struct {
	mu    sync.Mutex
	talks []*conversation
}

// take gives the one that spoke last, bound to ctx; nil when there is none.
func (i *idle) take(ctx context.Context) *conversation {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.talks) == 0 {
		return nil
	}
	talk := i.talks[len(i.talks)-1]
	i.talks = i.talks[:len(i.talks)-1]
	talk.leave.Stop()
	talk.bind(ctx)
	return talk
}

// put keeps a conversation after a mail that went well, or ends it.
func (i *idle) put(talk *conversation) {
	talk.sent++
	if !talk.stop() { // its caller's time is over, and the connection with it
		talk.hangUp()
		return
	}
	talk.ctx = context.WithoutCancel(talk.ctx)
	i.mu.Lock()
	full := len(i.talks) >= mostIdle || talk.sent >= mostSent
	if !full {
		i.talks = append(i.talks, talk)
		talk.leave = time.AfterFunc(idleFor, func() { i.end(talk) })
	}
	i.mu.Unlock()
	if full {
		talk.hangUp()
	}
}

// end says goodbye to a conversation that nobody has wanted again.
func (i *idle) end(talk *conversation) {
	i.mu.Lock()
	at := slices.Index(i.talks, talk)
	if at >= 0 {
		i.talks = slices.Delete(i.talks, at, at+1)
	}
	i.mu.Unlock()
	if at >= 0 {
		talk.hangUp()
	}
}
