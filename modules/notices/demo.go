package notices

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/demo"
	"portico/platform/id"
	"portico/platform/notice"
)

// chapter is what somebody of the demo was told, so many hours ago.
type chapter struct {
	who, kind, title, body, path string
	hours                        int
	read                         bool
}

var chapters = []chapter{
	{"ana", "documents:new", "4 new photos in Maple Street remodel", "", "/portal/maple-street/documents", 2, false},
	{"ana", "dailylogs:new", "A new daily log", "Maple Street remodel", "/portal/maple-street/dailylogs", 20, false},
	{"ana", "schedule:published", "Two dates of your project have changed", "Maple Street remodel", "/portal/maple-street/schedule", 52, true},
	{"ana", "billing:invoice", "A new invoice for Maple Street remodel", "", "/portal/maple-street/billing", 170, true},
	{"ben", "messages:new", "Ana Rivera wrote about the backsplash", "Ana & Tom Rivera", "/office/messages", 1, false},
	{"ben", "documents:new", "New from Ana & Tom Rivera: window seat", "Maple Street remodel", "/office/documents", 26, false},
	{"maria", "billing:trouble", "A bank payment was returned", "Ana & Tom Rivera", "/office/billing/unsettled", 75, true},
}

// story puts something into the bells of the main firm.
func (p pages) story(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	if !s.Main {
		return nil
	}
	for _, c := range chapters {
		kind, declared := p.Notices.Kinds.Find(c.kind)
		who, there := s.People[c.who]
		if !declared || !there {
			continue
		}
		n := notice.Notice{Kind: kind, ID: id.New(), Person: who.ID, Contact: who.ContactID, Title: c.title, Body: c.body, Path: c.path}
		if err := p.Notices.Put(ctx, tx, s.Firm.ID, n, s.Now.Add(-time.Duration(c.hours)*time.Hour), c.read); err != nil {
			return err
		}
	}
	return nil
}
