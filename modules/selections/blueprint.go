package selections

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/id"
)

// blueprint is a project's selections without what its client made of them: to begin another project with. Pictures and
// files are the same ones; they are kept once.
type blueprint struct {
	Currency   string          `json:"currency"` // of all its amounts; "": nobody knows any more
	Categories []string        `json:"categories"`
	Rooms      []string        `json:"rooms"`
	Allowances []planAllowance `json:"allowances"`
	Selections []planSelection `json:"selections"`
}

type planAllowance struct {
	Title  string `json:"title"`
	Amount int64  `json:"amount"`
	Shared bool   `json:"shared"`
	Notes  string `json:"notes"`
}

type planSelection struct {
	Category      string       `json:"category"`
	Room          string       `json:"room"`
	Allowance     int          `json:"allowance"` // its place among them; -1: none
	Kind          string       `json:"kind"`
	Title         string       `json:"title"`
	Specification string       `json:"specification"`
	Instructions  string       `json:"instructions"`
	TradeInfo     string       `json:"trade_info"`
	Notes         string       `json:"notes"`
	DueAfter      *int         `json:"due_after"` // days after the project's start
	Required      bool         `json:"required"`
	Several       bool         `json:"several"`
	MayDecline    bool         `json:"may_decline"`
	MayPropose    bool         `json:"may_propose"`
	OpenEnded     bool         `json:"open_ended"`
	Choices       []planChoice `json:"choices"`
	Files         []planFile   `json:"files"`
}

type planChoice struct {
	Title  string     `json:"title"`
	Text   string     `json:"text"`
	Link   string     `json:"link"`
	Vendor string     `json:"vendor"`
	Cost   *int64     `json:"cost"`
	Markup *int       `json:"markup"`
	Price  *int64     `json:"price"`
	Files  []planFile `json:"files"`
}

type planFile struct {
	File uuid.UUID `json:"file"`
	Kind string    `json:"kind"`
}

// drawn is the blueprint of a project: without what its client proposed and uploaded.
func drawn(p project, list []Selection, allowances []Allowance, headings []Heading) blueprint {
	b := blueprint{Currency: p.Currency}
	for _, h := range headings {
		if h.Kind == "category" {
			b.Categories = append(b.Categories, h.Title)
		} else {
			b.Rooms = append(b.Rooms, h.Title)
		}
	}
	place := map[uuid.UUID]int{}
	for n, a := range allowances {
		place[a.ID] = n
		b.Allowances = append(b.Allowances, planAllowance{a.Title, a.Amount, a.Shared, a.Notes})
	}
	for _, s := range list {
		one := planSelection{
			Category: s.Category, Room: s.Room, Allowance: -1, Kind: s.Kind, Title: s.Title, Specification: s.Specification, Instructions: s.Instructions,
			TradeInfo: s.TradeInfo, Notes: s.Notes, Required: s.Required, Several: s.Several, MayDecline: s.MayDecline, MayPropose: s.MayPropose,
			OpenEnded: s.OpenEnded, Files: planFiles(s.Files),
		}
		if n, there := place[s.AllowanceID]; there {
			one.Allowance = n
		}
		if !s.DueOn.IsZero() && !p.StartsOn.IsZero() {
			after := p.StartsOn.Until(s.DueOn)
			one.DueAfter = &after
		}
		for _, c := range s.Choices {
			if !c.ByClient {
				one.Choices = append(one.Choices, planChoice{c.Title, c.Text, c.Link, c.Vendor, c.Cost, c.Markup, c.Price, planFiles(c.Files)})
			}
		}
		b.Selections = append(b.Selections, one)
	}
	return b
}

func planFiles(list []File) (files []planFile) {
	for _, f := range list {
		if !f.ByClient && (f.Kind == "picture" || f.Kind == "file") {
			files = append(files, planFile{f.FileID, f.Kind})
		}
	}
	return files
}

// in is the blueprint for a project of that currency: of another one's amounts nothing is left, because nobody has said
// what they come to there. Markups stay.
func (b blueprint) in(currency string) (fit blueprint, same bool) {
	if b.Currency == currency {
		return b, true
	}
	fit = b
	fit.Currency = currency
	fit.Allowances = slices.Clone(b.Allowances)
	for n := range fit.Allowances {
		fit.Allowances[n].Amount = 0
	}
	fit.Selections = slices.Clone(b.Selections)
	for n, s := range fit.Selections {
		fit.Selections[n].Choices = slices.Clone(s.Choices)
		for c := range s.Choices {
			fit.Selections[n].Choices[c].Cost, fit.Selections[n].Choices[c].Price = nil, nil
		}
	}
	return fit, false
}

// build makes a project's drafts of a blueprint in its currency, and answers how many.
func build(ctx context.Context, tx bun.IDB, v auth.Viewer, p project, b blueprint) (n int, err error) {
	heading := map[[2]string]uuid.UUID{}
	for kind, titles := range map[string][]string{"category": b.Categories, "room": b.Rooms} {
		for _, title := range titles {
			if heading[[2]string{kind, title}], err = headingCalled(ctx, tx, v, p, kind, title); err != nil {
				return 0, err
			}
		}
	}
	allowances := make([]uuid.UUID, len(b.Allowances))
	for i, a := range b.Allowances {
		allowances[i], err = saveAllowance(ctx, tx, v, p, Allowance{Title: a.Title, Amount: a.Amount, Shared: a.Shared, Notes: a.Notes})
		if err != nil {
			return 0, err
		}
	}
	for _, one := range b.Selections {
		s := Selection{
			ID: id.New(), ClientID: p.ClientID, ProjectID: p.ID, CategoryID: heading[[2]string{"category", one.Category}], RoomID: heading[[2]string{"room", one.Room}],
			Category: one.Category, Room: one.Room, Kind: one.Kind, Title: one.Title, Specification: one.Specification, Instructions: one.Instructions,
			TradeInfo: one.TradeInfo, Notes: one.Notes, Required: one.Required, Several: one.Several, MayDecline: one.MayDecline, MayPropose: one.MayPropose,
			OpenEnded: one.OpenEnded, Currency: p.Currency,
		}
		if one.Allowance >= 0 && one.Allowance < len(allowances) {
			s.AllowanceID = allowances[one.Allowance]
		}
		if one.DueAfter != nil && !p.StartsOn.IsZero() {
			s.DueOn = p.StartsOn.Add(*one.DueAfter)
		}
		for _, c := range one.Choices {
			s.Choices = append(s.Choices, Choice{Title: c.Title})
		}
		if _, err := addSelection(ctx, tx, v, s); err != nil {
			return n, err
		}
		s.Choices = nil
		if err := buildFiles(ctx, tx, v, s, uuid.Nil, one.Files); err != nil {
			return n, err
		}
		for _, c := range one.Choices {
			choice := Choice{Title: c.Title, Text: c.Text, Link: c.Link, Vendor: c.Vendor, Cost: c.Cost, Markup: c.Markup, Price: c.Price}
			made, err := saveChoice(ctx, tx, v, s, choice)
			if err != nil {
				return n, err
			}
			s.Choices = append(s.Choices, choice)
			if err := buildFiles(ctx, tx, v, s, made, c.Files); err != nil {
				return n, err
			}
		}
		n++
	}
	return n, nil
}

func buildFiles(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, choice uuid.UUID, files []planFile) error {
	for _, f := range files {
		if err := addFile(ctx, tx, v, s, File{ChoiceID: choice, FileID: f.File, Kind: f.Kind}); err != nil {
			return err
		}
	}
	return nil
}
