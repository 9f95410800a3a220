// Package domain lets a firm bring domains of its own: claimed by whoever likes, proved by a record that only their owner can
// make, looked at again each day, and gone at once when the proof is.
package domain

import (
	"context"
	"slices"
	"strings"
	"time"
)

// State is how far a claim is.
type State string

const (
	Waiting State = "waiting" // for its proof
	Proved  State = "proved"  // the portal answers there
	Unsure  State = "unsure"  // proved, but the DNS does not answer just now
	Lost    State = "lost"    // it was proved once
)

// Problem is what the last look found.
type Problem string

const (
	None    Problem = ""
	Missing Problem = "missing" // there is no record
	Other   Problem = "other"   // there is one, which says something else
	Silent  Problem = "silent"  // the DNS did not answer
	Taken   Problem = "taken"   // proved, but another firm answers there
)

// Claim is a domain that a firm says is its own.
type Claim struct {
	Name        string
	Token       string
	State       State
	Problem     Problem
	CheckedAt   time.Time
	NextAt      time.Time
	ProvedAt    time.Time
	UnsureSince time.Time
	ToldAt      time.Time
	CreatedAt   time.Time
}

// Live reports whether the portal answers at the domain.
func (c Claim) Live() bool { return c.State == Proved || c.State == Unsure }

// Record is the name of the record that proves a domain.
func Record(name string) string { return "_portico-challenge." + name }

// Ask looks for the proof of a claim.
func Ask(ctx context.Context, dns Resolver, c Claim) Problem {
	texts, err := dns.TXT(ctx, Record(c.Name))
	switch {
	case err != nil:
		return Silent
	case slices.ContainsFunc(texts, func(text string) bool { return strings.TrimSpace(text) == c.Token }):
		return None
	case len(texts) > 0:
		return Other
	}
	return Missing
}

// Most is how many domains one firm may claim.
const Most = 10

const (
	daily    = 24 * time.Hour
	patience = 7 * 24 * time.Hour  // so long a proved domain stays while the DNS does not answer
	hopeful  = 30 * 24 * time.Hour // so long a claim is looked at that has no proof
	worrying = 6 * time.Hour       // from then on the staff hear of a DNS that does not answer
)

// again is when to look at a claim next, after what was found.
func (c Claim) again(now time.Time) time.Time {
	switch c.State {
	case Proved:
		return now.Add(daily)
	case Unsure:
		return now.Add(15 * time.Minute)
	case Waiting: // soon at first, when somebody is at it just now; then ever more seldom
		return now.Add(min(max(now.Sub(c.CreatedAt)/4, 2*time.Minute), daily))
	}
	return now.Add(daily)
}

// News is what the staff should hear about.
type News string

const (
	NoNews    News = ""
	NowProved News = "proved"
	NowLost   News = "lost"
	NowUnsure News = "unsure"
)

// after is the claim once a look has found this, and what is new about it. taken says that another firm answers there.
func (c Claim) after(found Problem, taken bool, now time.Time) (Claim, News) {
	was := c
	c.CheckedAt, c.Problem = now, found
	if found != Silent {
		c.UnsureSince = time.Time{}
	}
	news := NoNews
	switch {
	case found == None && taken:
		c.State, c.Problem = Waiting, Taken
	case found == None:
		if c.State != Proved {
			c.State, c.ToldAt = Proved, time.Time{}
		}
		if !was.Live() {
			c.ProvedAt, news = now, NowProved
		}
	case found == Silent && was.Live():
		if c.State = Unsure; c.UnsureSince.IsZero() {
			c.UnsureSince = now
		}
		switch silent := now.Sub(c.UnsureSince); {
		case silent >= patience:
			c.State, news = Lost, NowLost
		case silent >= worrying && c.ToldAt.IsZero():
			c.ToldAt, news = now, NowUnsure
		}
	case was.Live():
		c.State, news = Lost, NowLost
	}
	c.NextAt = c.again(now)
	return c, news
}
