package billing

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/web"
)

// mostWaiting is how many invoices the dashboard names one by one.
const mostWaiting = 5

// waiting answers what a client has to pay: overdue ones first, then by their day.
func waiting(p module.Platform) func(context.Context, bun.Tx, auth.Viewer) ([]module.Todo, error) {
	return func(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Todo, error) {
		if !v.May(see) {
			return nil, nil
		}
		open, err := dueInvoices(ctx, tx, v, mostWaiting)
		if err != nil {
			return nil, err
		}
		here := web.Here{Viewer: v}
		at := today(v.Firm, p.Now())
		var todos []module.Todo
		for _, i := range open {
			if i.Processing() {
				continue
			}
			todo := module.Todo{
				Title: here.Say("%s is due: %s", i.Free(), i.Title), Detail: i.Number + ", " + i.ProjectName,
				Href: here.Path("billing", "invoices", i.ID), Kind: "due", Due: i.DueOn,
			}
			if i.Overdue(at) {
				todo.Kind, todo.Detail = "late", here.Say("Overdue, %s", todo.Detail)
			}
			todos = append(todos, todo)
		}
		return todos, nil
	}
}

// find answers the search of the office and the portal with invoices.
func find(ctx context.Context, tx bun.Tx, v auth.Viewer, typed string, limit int) ([]search.Hit, error) {
	if !v.May(see) && !v.May(write) {
		return nil, nil
	}
	list, err := searchInvoices(ctx, tx, v, typed, limit)
	if err != nil {
		return nil, err
	}
	here := web.Here{Viewer: v}
	hits := make([]search.Hit, len(list))
	for n, i := range list {
		detail := i.ProjectName
		if v.Side == auth.Office {
			detail = i.ClientName + ", " + i.ProjectName
		}
		hits[n] = search.Hit{
			Title: i.Name() + ": " + i.Title, Detail: detail + ", " + here.Money(i.Amount()), Icon: "receipt",
			Href: here.Path("billing", "invoices", i.ID),
		}
	}
	return hits, nil
}

// wordsKnown are those that the search knows, to correct what was typed.
func wordsKnown(ctx context.Context, tx bun.Tx, v auth.Viewer, words []string) ([]string, error) {
	return search.Known(ctx, tx, v.FirmID(), "billing.invoice_word", words)
}

// desk is what the office has to do with invoices.
type desk struct {
	*web.Here
	Lines []deskLine
}

type deskLine struct{ Title, Sub, Number, Href, Kind, Icon string }

// invoicesCard counts what waits for the office: what is overdue, to approve and to release.
func (office) invoicesCard(r *web.Request) (web.Part, bool, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := desk{Here: r.Here()}
	for _, one := range []struct{ state, title, sub, kind, icon string }{
		{"overdue", "Overdue", "owed and past their day", "late", "circle-alert"},
		{"approved", "To release", "approved, not yet with the client", "info", "send"},
		{"draft", "Drafts", "to finish and approve", "", "pencil"},
	} {
		n, err := count(ctx, tx, v, filter{State: one.state, Today: today(r.Firm(), r.Now())})
		if err != nil {
			return web.Part{}, false, err
		}
		if n == 0 {
			continue
		}
		if n == 1 {
			one.title = strings.TrimSuffix(one.title, "s") // one draft
		}
		view.Lines = append(view.Lines, deskLine{
			Title: one.title, Sub: one.sub, Number: upTo(n), Kind: one.kind, Icon: one.icon, Href: r.Path("billing") + "?state=" + one.state,
		})
	}
	return web.Draw("billing/_desk_card", view), len(view.Lines) > 0, nil
}

func upTo(n int) string {
	if n > few {
		return "1,000+"
	}
	return grouped(n)
}
