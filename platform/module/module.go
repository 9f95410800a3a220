// Package module is the contract between the house and its sections: what a section says of itself, and what it brings.
package module

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/sso"
	"portico/platform/day"
	"portico/platform/demo"
	"portico/platform/domain"
	"portico/platform/fact"
	"portico/platform/files"
	"portico/platform/firm"
	"portico/platform/inbound"
	"portico/platform/job"
	"portico/platform/live"
	"portico/platform/notice"
	"portico/platform/port"
	"portico/platform/post"
	"portico/platform/push"
	"portico/platform/search"
	"portico/platform/secret"
	"portico/platform/signet"
	"portico/platform/web"
)

// Toggle says whether a firm can switch a module.
type Toggle string

const (
	Switched Toggle = "switched" // a section that clients see; off until switched on
	Always   Toggle = "always"   // always there
)

// Nav is one way into a module. A portal entry shows when its permission is given.
type Nav struct {
	Title, Path, Icon string // Path below the module: "" is its start
	Who               access.Permission
	Order             int  // from the left, from the top; 10, 20, ...
	Tab               bool // portal: one of the few in a phone's bottom bar
}

// Module is one section of the portal. It is a value: what must be known before a database exists is a field, what
// needs one is built by Mount.
type Module struct {
	ID, Title, Summary, Icon string // ID = URL, PostgreSQL schema, template folder, job prefix
	Toggle                   Toggle
	Areas                    []access.Area       // parts that can be switched on their own
	Permissions              []access.Permission // what its routes ask for
	PortalNav, OfficeNav     []Nav
	PersonNav                []Nav                           // in the person's menu, below the profile
	Notices                  []notice.Kind                   // what it tells people of
	Settings                 []Setting                       // environment it reads
	Presets                  map[string]bool                 // switched on by "builder", "agency", "services", "events"
	Views, Migrations        fs.FS                           // Views: views/*.html and style.css; Migrations: *.tx.up.sql
	Mount                    func(Platform) (Section, error) // once per process, web and worker alike; does no I/O
}

// Setting is one variable of the environment that a module reads.
type Setting struct{ Name, Default, Help string }

// Section is what a module brings. The zero value of a field means "none".
type Section struct {
	Portal, Office, Public []web.Route
	// Doors are public routes that do not begin with the module's id, because mails and other programs know their
	// addresses: below /pay, /sign, /verify or /webhooks/<id>.
	Doors       []web.Route
	Jobs        []job.Handler
	Subscribers []fact.Subscriber
	Cards       []Card
	ClientTabs  []Tab
	// ClientTop fills the head of a client's page, for all sections that bring one: of the module that keeps clients.
	ClientTop func(*web.Request, uuid.UUID) (ClientTop, error)
	// Waiting answers what waits for a client: to sign, to choose, to pay, to answer. It is asked where the section is
	// on; the rights of the viewer it asks for itself.
	Waiting func(context.Context, bun.Tx, auth.Viewer) ([]Todo, error)
	// Unread answers how much of the section is new to the viewer, for the mark at its item of the menu; the section answers it
	// at its page "unread" as well, and rings the topic "unread" when it changes. Every page asks: it must be cheap.
	Unread func(context.Context, bun.Tx, auth.Viewer) (int, error)
	// Setups are pages of settings that the section adds to the front page of Setup.
	Setups []SetupPage
	Search func(context.Context, bun.Tx, auth.Viewer, string, int) ([]search.Hit, error)
	// Words answers which of some words begin a word that the section's search knows in this firm, to correct what was
	// typed. It need not ask what the viewer may see: a correction counts when Search finds something with it.
	Words func(context.Context, bun.Tx, auth.Viewer, []string) ([]string, error)
	Demo  func(context.Context, bun.Tx, *demo.Story) error
	// Own answers what the section keeps about the viewer, for the export of a person's own data: nothing of others.
	// It is a hook and no port, because many sections answer.
	Own func(context.Context, bun.Tx, auth.Viewer) ([]Table, error)
	// HandOver passes what one member of staff answers for in this section on to another, when that person leaves, and
	// says how much it was. To uuid.Nil it passes nothing on: it only counts. Memberships of projects are the house's.
	HandOver func(ctx context.Context, tx bun.Tx, v auth.Viewer, from, to uuid.UUID) (n int, err error)
	// Imports are the kinds of records that the section takes over from other programs.
	Imports []Import
	// Keeps are the section's tables, for the export of everything.
	Keeps []Kept
	// Thing answers what one item of the section is, for links to it from elsewhere; what the viewer may not see is not found.
	Thing func(context.Context, bun.Tx, auth.Viewer, uuid.UUID) (Thing, error)
	// Still answers which of some items the viewer may see now: it is asked before a notice about one is shown or sent. Without
	// it Thing is asked for each.
	Still func(context.Context, bun.Tx, auth.Viewer, []uuid.UUID) ([]uuid.UUID, error)
	// Talk is where a viewer begins a conversation about an item of any section; "" for who may not. One section answers.
	Talk func(v auth.Viewer, section string, item uuid.UUID) (href string)
	// Audit answers which promises a firm's figures break, in words; for `portico check money`. It looks at all rows.
	Audit func(context.Context, bun.Tx, uuid.UUID) ([]string, error)
	// Gauges are figures of all firms for whoever watches the installation.
	Gauges []Gauge
}

// Gauge is one figure of /metrics. Read is asked at each scrape and has a second.
type Gauge struct {
	Name, Help string
	Read       func(context.Context) (float64, error)
}

// SetupPage is a way from the front page of Setup to a section's own settings.
type SetupPage struct {
	Title, Summary, Icon string
	Who                  access.Permission
	Path                 string // below the start of the office: "billing/settings"
}

// Table is a list of what is kept, in words: the name of a file, and a column a value.
type Table struct {
	Name    string // "help_questions"
	Columns []string
	Rows    [][]string
}

// Todo is one thing that waits for somebody, and the way to it.
type Todo struct {
	Title  string // the deed and its object: "Sign: change to your contract"
	Detail string // the project, an amount
	Href   string
	Icon   string // "" : the module's
	Kind   string // colour of its mark: sign, due, late, info, ok; "" : the firm's
	Due    day.Day
}

// Card is one panel of a dashboard, loaded on its own: a slow or broken one harms no other.
type Card struct {
	ID    string // "billing:balance"
	Title string
	Side  auth.Side
	Who   access.Permission
	Order int
	Wide  bool   // stands in the main column, not at the side
	Path  string // what stands behind it, below the start of its side: "team"; "" : nothing
	// Draw gives the card's fragment; ok is false when it has nothing to show.
	Draw func(*web.Request) (part web.Part, ok bool, err error)
}

// Tab is what a module adds to a client's or project's page in the office, or a way that it offers beside a list there.
type Tab struct {
	ID, Title string
	Of        string // "client", "project"; a link: "contacts" (of the client with the id), "clients" (the list; without id)
	Who       access.Permission
	Order     int
	Path      func(id string) string // where it is, in the office
}

// Platform is what a module may use. It is made before any module is mounted, and does no I/O by itself.
type Platform struct {
	Pool    *bun.DB // the app role's: one firm a transaction
	Ops     *bun.DB // the ops role's: the few reads that span firms
	Bus     *fact.Bus
	Board   *port.Board
	Files   *files.Library
	Post    *post.Box
	Notices *notice.Desk
	Replies *inbound.Desk // what people answer to our mails arrives here
	Push    *push.Desk    // wakes people's own devices
	Firms   *firm.Directory
	Links   firm.Links
	DNS     domain.Resolver
	Bell    *live.Bell
	Key     secret.Key
	Signet  signet.Signet // documents are sealed with it
	SSO     *sso.Desk
	Sandbox string // where the practice provider of payments answers; "": there is none
	Weather string // where the weather of a day is asked for; "": nowhere
	Log     *slog.Logger
	Now     func() time.Time
	Catalog func() *Catalog // all that was mounted; call it when serving, not in Mount
}

// Mounted is a module with what it brought.
type Mounted struct {
	Module
	Section
}

// Catalog is everything that was mounted, in order of ID.
type Catalog struct{ Modules []Mounted }

// Sections are the modules that a firm can switch, in the order of their titles.
func (c *Catalog) Sections() []Mounted {
	var sections []Mounted
	for _, m := range c.Modules {
		if m.Toggle == Switched {
			sections = append(sections, m)
		}
	}
	slices.SortFunc(sections, func(a, b Mounted) int { return strings.Compare(a.Title, b.Title) })
	return sections
}

// Cards are the cards of one side that the viewer may see, in their order.
func (c *Catalog) Cards(v auth.Viewer) []Card {
	var cards []Card
	for _, m := range c.Modules {
		for _, card := range m.Cards {
			if card.Side == v.Side && v.May(card.Who) {
				cards = append(cards, card)
			}
		}
	}
	slices.SortStableFunc(cards, func(a, b Card) int { return a.Order - b.Order })
	return cards
}

// Waiting are the modules that may know of something that waits for this viewer of the portal.
func (c *Catalog) Waiting(v auth.Viewer) []Mounted {
	var asked []Mounted
	for _, m := range c.Modules {
		if m.Waiting == nil || v.Side != auth.Portal {
			continue
		}
		if m.Toggle == Always || v.May(access.Client(m.ID, m.ID)) {
			asked = append(asked, m)
		}
	}
	return asked
}

// Tabs are the tabs of a client's or project's page that the viewer may see.
func (c *Catalog) Tabs(of string, v auth.Viewer) []Tab {
	var tabs []Tab
	for _, m := range c.Modules {
		for _, tab := range m.ClientTabs {
			if tab.Of == of && v.May(tab.Who) {
				tabs = append(tabs, tab)
			}
		}
	}
	slices.SortStableFunc(tabs, func(a, b Tab) int { return a.Order - b.Order })
	return tabs
}

var (
	mu       sync.Mutex
	register = map[string]Module{}
	goodID   = regexp.MustCompile(`^[a-z][a-z0-9]{2,20}$`)
)

// reserved are the names that URLs, schemas or template folders use otherwise.
var reserved = []string{"public", "assets", "auth", "mail", "icons", "live", "all", "pay", "sign", "verify", "webhooks", "office", "portal", "vendor", "cards", "palette", "push", "app", "information_schema"}

// Register adds a module, from init. It panics on a bad, incomplete or second one: such a program must not start.
func Register(m Module) {
	mu.Lock()
	defer mu.Unlock()
	if err := m.check(); err != nil {
		panic("module " + m.ID + ": " + err.Error())
	}
	if _, twice := register[m.ID]; twice {
		panic("module " + m.ID + ": registered twice")
	}
	register[m.ID] = m
}

func (m Module) check() error {
	switch {
	case !goodID.MatchString(m.ID):
		return fmt.Errorf("the id must be 3 to 21 small letters and digits")
	case slices.Contains(reserved, m.ID):
		return fmt.Errorf("the id is reserved")
	case m.Title == "" || m.Summary == "" || m.Icon == "":
		return fmt.Errorf("title, summary and icon are needed")
	case m.Toggle != Switched && m.Toggle != Always:
		return fmt.Errorf("the toggle must be Switched or Always")
	case m.Mount == nil:
		return fmt.Errorf("mount is needed")
	}
	for _, k := range m.Notices {
		if k.Section() != m.ID {
			return fmt.Errorf("kind of notice %q must begin with %q", k.ID, m.ID+":")
		}
	}
	for _, p := range m.Permissions {
		if !strings.HasPrefix(p.Name, m.ID+":") {
			return fmt.Errorf("permission %q must begin with %q", p.Name, m.ID+":")
		}
		if p.Who == access.ForClient && m.Toggle == Switched && p.Section != m.ID {
			return fmt.Errorf("permission %q must ask for the section %q", p.Name, m.ID)
		}
	}
	return nil
}

// All gives every registered module, in order of ID.
func All() []Module {
	mu.Lock()
	defer mu.Unlock()
	all := make([]Module, 0, len(register))
	for _, m := range register {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Module) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Dir is a folder of a module's embedded files; nil when there is none.
func Dir(files fs.FS, name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		return nil
	}
	return sub
}

// outside are the beginnings of the addresses that a section may have beyond its own id.
func (m Module) outside() []string {
	return []string{"/pay/", "/sign/", "/verify", "/webhooks/" + m.ID + "/"}
}

// CheckDoors says which of a section's doors begins where no door may.
func (m Module) CheckDoors(doors []web.Route) error {
	for _, door := range doors {
		if !slices.ContainsFunc(m.outside(), func(start string) bool { return strings.HasPrefix(door.Path, start) }) {
			return fmt.Errorf("module %s: a door at %s: only below %s", m.ID, door.Path, strings.Join(m.outside(), ", "))
		}
	}
	return nil
}
