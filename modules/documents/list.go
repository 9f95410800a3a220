package documents

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/db/paging"
	"portico/platform/web"
)

// filter is what a list shows, and how.
type filter struct {
	Query string
	Sort  string // name, changed or size; with a minus from the top
	Only  string // "": everything; clients (what they sent), pictures
	Grid  bool
	Place place // the zero place: everywhere
}

var sortNames = []string{"name", "changed", "size"}

func filterOf(r *web.Request, p place) filter {
	f := filter{Query: r.Query("q"), Sort: r.Query("sort"), Grid: r.Query("view") == "grid", Place: p}
	if only := r.Query("only"); only == "clients" || only == "pictures" {
		f.Only = only
	}
	if !slices.Contains(sortNames, strings.TrimPrefix(f.Sort, "-")) {
		f.Sort = "name"
		if p.ID == uuid.Nil {
			f.Sort = "-changed"
		}
	}
	return f
}

func (d Document) cursor(sort string) paging.Cursor {
	key := d.Name
	switch strings.TrimPrefix(sort, "-") {
	case "changed":
		key = d.ChangedAt.UTC().Format(time.RFC3339Nano)
	case "size":
		key = strconv.FormatInt(d.Size, 10)
	}
	return paging.Cursor{Key: key, ID: d.ID}
}

// page is one page of a list, and the ways on.
type page struct {
	Documents []Document
	paging.Turns
	Count int  // of the whole list, up to few
	More  bool // there are more than Count
}

// counted says how many there are: "12 files", "1,000+ files".
func (p page) counted(here *web.Here) string {
	if p.More {
		return here.Say("%s+ files", 1000)
	}
	return here.Count(p.Count, "%s file", "%s files")
}
