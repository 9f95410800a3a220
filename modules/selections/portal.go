package selections

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/files"
	"portico/platform/money"
	"portico/platform/web"
)

// portal are the pages of clients.
type portal struct{ desk }

func portalRoutes(d desk) []web.Route {
	on := portal{d}
	return []web.Route{
		web.Get("/", see, on.gallery),
		web.Get("/:selection", see, on.selection),
		web.Get("/:selection/comparison", see, on.compare),
		web.Post("/:selection/picks", choose, on.choose),
		web.Delete("/:selection/picks/:choice", choose, on.giveBack),
		web.Get("/:selection/approval", choose, on.askApproval),
		web.Post("/:selection/approval", choose, on.approveNow),
		web.Get("/:selection/refusal", choose, on.askRefusal),
		web.Post("/:selection/refusal", choose, on.refuse),
		web.Post("/:selection/requests", choose, on.request).Tries("selections-request", 30, time.Hour),
		web.Get("/:selection/proposals/new", choose, on.newProposal),
		large(web.Post("/:selection/proposals", choose, on.propose).Tries("selections-propose", 60, time.Hour)),
		web.Delete("/:selection/proposals/:choice", choose, on.withdraw),
		large(web.Post("/:selection/photos", choose, on.sendPhotos).Tries("selections-photos", 120, time.Hour)),
		web.Delete("/:selection/photos/:photo", choose, on.dropPhoto),
		web.Post("/:selection/comments", see, on.talk().add).Tries("selections-comment", 120, time.Hour),
		web.Delete("/:selection/comments/:comment", see, on.talk().drop),
	}
}

// shows are the filters of the gallery.
var shows = []option{{"", "All"}, {"todo", "To do"}, {"soon", "Due soon"}, {"chosen", "Chosen"}, {"approved", "Approved"}}

// tile is a selection in the gallery. It holds what clients may know, and nothing else.
type tile struct {
	Title, Href  string
	Where        string // room or category, whichever is not the heading
	Faces        []string
	Mark         mark
	Due          day.Day
	Picked       string // what is chosen
	Price, Range string
	Effect       effectView
	Offered      int
	rank         int // what waits comes first
}

// Few reports whether there is one picture or none.
func (t tile) Few() bool { return len(t.Faces) < 2 }

// before puts what waits first, and of that what is due first; what has no deadline comes after.
func (t tile) before(other tile) int {
	return cmp.Or(t.rank-other.rank, cmp.Compare(t.dueKey(), other.dueKey()))
}

func (t tile) dueKey() string {
	if t.Due.IsZero() {
		return "~"
	}
	return t.Due.String()
}

func tileOf(here *web.Here, s Selection, set Setting, today day.Day) tile {
	t := tile{Title: s.Title, Href: here.Path("selections", s.ID), Mark: s.mark(today, false), Offered: len(s.Choices), rank: 3}
	switch {
	case s.State == Released && s.Open():
		t.Due, t.rank = s.DueOn, 0
	case s.Open():
		t.Due, t.rank = s.DueOn, 1
	case s.Kind == ToChoose:
		t.rank = 2
	}
	t.Where = cmp.Or(s.Room, s.Category)
	picks := s.Picks()
	if len(picks) > 0 {
		var names []string
		for _, c := range picks {
			names = append(names, c.Title)
		}
		t.Picked = strings.Join(names, ", ")
	}
	for _, f := range tileFaces(s) {
		t.Faces = append(t.Faces, files.URL(f.FileID, "medium"))
	}
	sum, priced := s.Sum()
	switch {
	case s.Fixed():
	case len(picks) > 0 && priced:
		t.Price = here.Money(s.Money(sum))
		t.Effect = effectOf(here, s, s.account(set.Credits), &sum)
	case s.Open() && len(picks) == 0:
		t.Range = rangeOf(here, s)
	}
	return t
}

// tileFaces are the pictures of a tile: of what is chosen, or three of what there is to choose from.
func tileFaces(s Selection) []File {
	if len(s.Picks()) == 0 && s.Open() {
		if faces := s.Faces(3); len(faces) > 2 {
			return faces
		}
	}
	if f, ok := s.Face(); ok {
		return []File{f}
	}
	return nil
}

// rangeOf is what the choices cost, from the lowest to the highest.
func rangeOf(here *web.Here, s Selection) string {
	var least, most *int64
	for _, c := range s.Choices {
		if c.Price == nil {
			continue
		}
		if least == nil || *c.Price < *least {
			least = c.Price
		}
		if most == nil || *c.Price > *most {
			most = c.Price
		}
	}
	switch {
	case least == nil:
		return ""
	case *least == *most:
		return here.Money(s.Money(*least))
	}
	return here.Money(s.Money(*least)) + " – " + here.Money(s.Money(*most))
}

// shelf is a room or category with its tiles.
type shelf struct {
	Title string
	Tiles []tile
	at    int
}

// place is a project in the gallery.
type place struct {
	Name    string
	Shelves []shelf
	Pools   []poolView
	Sum     *poolView // all allowances together, when there are several
}

type galleryView struct {
	*web.Here
	Places   []place
	Shows    []web.NavItem
	By       []web.NavItem
	Show     string
	Any      bool // something is released at all
	Todo     int
	Projects bool // more than one project is in view
}

func (p portal) gallery(r *web.Request) error {
	r.Title("Selections")
	ctx, tx, v, here := r.Context(), r.Tx(), r.Viewer(), r.Here()
	list, err := ofProjects(ctx, tx, v, v.ProjectIDs("selections"))
	if err != nil {
		return err
	}
	set, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	today := p.today(v)
	view := galleryView{Here: here, Any: len(list) > 0}
	for _, s := range shows {
		if s.Value == r.Query("show") {
			view.Show = s.Value
		}
	}
	byRoom := r.Query("by") != "category"
	n := map[string]int{}
	for _, s := range list {
		for _, one := range shows {
			if shownBy(s, one.Value, today) {
				n[one.Value]++
			}
		}
	}
	view.Todo = n["todo"]
	for _, s := range shows {
		view.Shows = append(view.Shows, web.NavItem{Title: r.Say(s.Title), Href: here.With("show", s.Value), Current: s.Value == view.Show, Badge: n[s.Value]})
	}
	view.By = []web.NavItem{{Title: r.Say("By room"), Href: here.With("by", ""), Current: byRoom}, {Title: r.Say("By category"), Href: here.With("by", "category"), Current: !byRoom}}
	view.Places = placesOf(here, list, set, today, view.Show, byRoom)
	view.Projects = v.Scope == nil && len(v.Projects) > 1
	return r.Show("selections/gallery", view)
}

// shownBy reports whether a filter of the gallery shows a selection.
func shownBy(s Selection, show string, today day.Day) bool {
	switch show {
	case "todo":
		return s.Open()
	case "soon":
		return s.Soon(today) || s.Overdue(today)
	case "chosen":
		return s.Kind == ToChoose && s.State == Selected
	case "approved":
		return s.Kind == ToChoose && s.State == Approved
	}
	return true
}

// placesOf sorts selections into projects, and there into rooms or categories; allowances stand above them.
func placesOf(here *web.Here, list []Selection, set Setting, today day.Day, show string, byRoom bool) []place {
	var places []place
	at := map[uuid.UUID]int{}
	pooled := map[uuid.UUID]bool{}
	for _, s := range list {
		n, there := at[s.ProjectID]
		if !there {
			n = len(places)
			at[s.ProjectID] = n
			places = append(places, place{Name: s.ProjectName})
		}
		p := &places[n]
		if a := s.Allowance; a.There() && !pooled[a.ID] {
			pooled[a.ID] = true
			a.Notes = ""
			p.Pools = append(p.Pools, poolOf(a))
		}
		if !shownBy(s, show, today) {
			continue
		}
		title, other, position := s.Room, s.Category, s.RoomPosition
		if !byRoom {
			title, other, position = s.Category, s.Room, s.CategoryPosition
		}
		if title == "" {
			title = "Everything else"
		}
		i := slices.IndexFunc(p.Shelves, func(one shelf) bool { return one.Title == title })
		if i < 0 {
			i = len(p.Shelves)
			p.Shelves = append(p.Shelves, shelf{Title: title, at: position})
		}
		t := tileOf(here, s, set, today)
		t.Where = other
		p.Shelves[i].Tiles = append(p.Shelves[i].Tiles, t)
	}
	for n := range places {
		p := &places[n]
		slices.SortStableFunc(p.Shelves, func(a, b shelf) int { return a.at - b.at })
		for i := range p.Shelves {
			slices.SortStableFunc(p.Shelves[i].Tiles, tile.before)
		}
		if len(p.Pools) > 1 {
			sum := sumOf(p.Pools)
			sum.Title = here.Say(sum.Title)
			p.Sum = &sum
		}
	}
	return slices.DeleteFunc(places, func(p place) bool { return len(p.Shelves) == 0 && show != "" })
}

// sumOf are all allowances of a project together. What is over one of them is not made good by another.
func sumOf(pools []poolView) poolView {
	all := Allowance{Title: "All allowances", Currency: pools[0].Currency}
	var over int64
	for _, p := range pools {
		all.Amount += p.Amount
		all.Approved += p.Approved
		all.Chosen += p.Chosen
		over += p.Over.Minor
	}
	sum := poolOf(all)
	sum.Over = money.Of(over, all.Currency)
	var left int64
	for _, p := range pools {
		left += p.Left.Minor
	}
	sum.Left = money.Of(left, all.Currency)
	return sum
}

// load finds the selection of the address.
func (portal) load(r *web.Request) (Selection, error) {
	return web.Find(r, "selection", byID)
}

func mayUpload(v auth.Viewer) bool { return v.Side == auth.Portal && v.UploadsOn && v.May(choose) }
