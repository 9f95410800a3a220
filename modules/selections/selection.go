package selections

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/money"
)

// State is how far a selection is.
type State string

// The states. Due soon and overdue are looked up, never kept.
const (
	Draft    State = "draft"    // the client does not see it
	Released State = "released" // the client may choose
	Selected State = "selected" // chosen, and still to be changed
	Approved State = "approved" // locked
	Skipped  State = "skipped"  // not wanted at all
	Declined State = "declined" // none of the choices will do
)

// The kinds: what the client chooses, and what is fixed and only to be read.
const (
	ToChoose = "selection"
	Spec     = "specification"
)

// How wide a firm opens its book to a project's client.
const (
	OpensNothing = "nothing"
	OpensChosen  = "chosen"
	OpensAll     = "all"
)

const (
	longestTitle = 120
	longestText  = 4000
	mostChoices  = 40  // of one selection
	mostFiles    = 60  // of one selection
	mostOf       = 500 // selections of one project
	soonDays     = 7   // until when a deadline is near
)

// Selection is something to be chosen for a project, or a specification to be read.
type Selection struct {
	ID, ClientID, ProjectID         uuid.UUID
	CategoryID, RoomID, AllowanceID uuid.UUID
	Kind, Title                     string
	Specification, Instructions     string
	TradeInfo, Notes                string // never read for clients
	DueOn                           day.Day
	ItemID                          uuid.UUID
	ItemTitle                       string
	ItemOffset                      int
	Required, Several               bool
	MayDecline, MayPropose          bool
	OpenEnded                       bool
	State                           State
	ReleasedAt, DecidedAt           time.Time
	OrderedOn                       day.Day
	OrderNotes                      string
	Version                         int
	CreatedAt, ChangedAt            time.Time

	ClientName, ProjectName, ProjectKey, Currency string
	Category, Room                                string
	CategoryPosition, RoomPosition                int
	Opens                                         string
	Asked                                         bool // the client asks for a change
	ToPrice                                       int  // choices without a price
	Offered                                       int  // choices in all

	Allowance Allowance `bun:"-"`
	Choices   []Choice  `bun:"-"`
	Files     []File    `bun:"-"` // of the selection itself
}

// Choice is one of the things to choose from.
type Choice struct {
	ID, SelectionID   uuid.UUID
	Title, Text, Link string
	Vendor            string // never read for clients
	Cost              *int64 // for clients only where the book is open
	Markup            *int
	Price             *int64 // nil: to be priced
	ByClient          bool
	Version           int
	Picked, Approved  bool
	Currency          string
	Files             []File `bun:"-"`
}

// File is a picture, a file, an inspiration or a proof.
type File struct {
	ID, SelectionID, ChoiceID, FileID uuid.UUID
	Kind, Name, Media, State          string
	ByClient                          bool
	CreatedBy                         uuid.UUID
	Width, Height                     int
	Author                            string
}

// Allowance is what the contract has for one selection, or for some that share it, and what became of it.
type Allowance struct {
	ID, ProjectID   uuid.UUID
	Title, Currency string
	Amount          int64
	Shared          bool
	Notes           string // never read for clients
	Version         int
	Approved        int64 // of all selections that draw on it
	Chosen          int64 // and what is chosen there, but not approved
	Open            int   // selections that nobody has decided yet
	Uses            int
	Told            int64 // what approvals have changed in the contract so far
	Live            int   // those changes
}

// Used reports whether the contract already reckons with it: then its amount stays.
func (a Allowance) Used() bool { return a.Approved != 0 || a.Live > 0 }

// There reports whether there is one.
func (a Allowance) There() bool { return a.ID != uuid.Nil }

// Money makes an amount of the selection's currency.
func (s Selection) Money(minor int64) money.Amount { return money.Of(minor, s.Currency) }

// Fixed reports whether it is only to be read.
func (s Selection) Fixed() bool { return s.Kind == Spec }

// Open reports whether the client can still choose.
func (s Selection) Open() bool {
	return s.Kind == ToChoose && (s.State == Released || s.State == Selected)
}

// Locked reports whether it is decided.
func (s Selection) Locked() bool {
	return s.State == Approved || s.State == Skipped || s.State == Declined
}

// MaySkip reports whether the client can do without.
func (s Selection) MaySkip() bool { return s.Open() && !s.Required }

// MayRefuse reports whether the client can turn all choices down.
func (s Selection) MayRefuse() bool { return s.Open() && s.MayDecline }

// Proposes reports whether the client can add a choice.
func (s Selection) Proposes() bool { return s.Open() && (s.MayPropose || s.OpenEnded) }

// Overdue reports whether its deadline has passed without a decision.
func (s Selection) Overdue(today day.Day) bool {
	return s.Open() && !s.DueOn.IsZero() && s.DueOn.Before(today)
}

// Soon reports whether its deadline is near.
func (s Selection) Soon(today day.Day) bool {
	return s.Open() && !s.DueOn.IsZero() && !s.DueOn.Before(today) && today.Until(s.DueOn) <= soonDays
}

// Picks are the choices that are taken now.
func (s Selection) Picks() (picks []Choice) {
	for _, c := range s.Choices {
		if c.Picked {
			picks = append(picks, c)
		}
	}
	return picks
}

// Sum is what its picks come to; priced is false when one of them has no price yet.
func (s Selection) Sum() (sum int64, priced bool) {
	priced = true
	for _, c := range s.Picks() {
		if c.Price == nil {
			priced = false
			continue
		}
		sum += *c.Price
	}
	return sum, priced
}

// Face is the picture that stands for it: of what is chosen, or else of the first choice that has one.
func (s Selection) Face() (File, bool) {
	for _, c := range s.Picks() {
		if f, ok := c.Face(); ok {
			return f, true
		}
	}
	for _, f := range s.Files {
		if f.Kind == "picture" && f.State == "ready" {
			return f, true
		}
	}
	for _, c := range s.Choices {
		if f, ok := c.Face(); ok {
			return f, true
		}
	}
	return File{}, false
}

// Faces are up to n pictures of different choices.
func (s Selection) Faces(n int) (list []File) {
	for _, c := range s.Choices {
		if f, ok := c.Face(); ok && len(list) < n {
			list = append(list, f)
		}
	}
	return list
}

// Face is the first picture of a choice.
func (c Choice) Face() (File, bool) {
	for _, f := range c.Files {
		if f.Kind == "picture" && f.State == "ready" {
			return f, true
		}
	}
	return File{}, false
}

// ToPrice reports whether staff still have to say what it costs.
func (c Choice) ToPrice() bool { return c.Price == nil }

// Amount is what the client pays.
func (c Choice) Amount() money.Amount {
	if c.Price == nil {
		return money.Of(0, c.Currency)
	}
	return money.Of(*c.Price, c.Currency)
}

// Host is where its link leads, in words.
func (c Choice) Host() string {
	u, err := url.Parse(c.Link)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// priceOf is what a client pays for something that costs so much: cost and markup, to the nearest minor unit.
func priceOf(cost int64, markup int, currency string) int64 {
	whole := money.Of(cost, currency)
	return whole.Add(whole.Part(money.Rate(markup))).Minor
}

// titleOf puts names together as contracts and invoices read them.
func titleOf(s Selection, picks []Choice) string {
	var names []string
	for _, c := range picks {
		names = append(names, c.Title)
	}
	text := s.Title
	if len(names) > 0 {
		text += ": " + strings.Join(names, ", ")
	}
	return shortened(text, 240)
}

func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
