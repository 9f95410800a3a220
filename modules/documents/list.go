package documents

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

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

// cursor is the row after or before which a page begins; the zero one is the start of the list.
type cursor struct {
	Key string
	ID  uuid.UUID
}

func (c cursor) isZero() bool { return c.ID == uuid.Nil }

func (c cursor) String() string {
	if c.isZero() {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(c.ID[:], c.Key...))
}

// cursorOf reads what String wrote for this sort; what nobody wrote is the start.
func cursorOf(text, sort string) cursor {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < 16 || strings.ContainsRune(string(raw[16:]), 0) {
		return cursor{}
	}
	c := cursor{ID: uuid.UUID(raw[:16]), Key: strings.ToValidUTF8(string(raw[16:]), "")}
	switch strings.TrimPrefix(sort, "-") {
	case "changed":
		_, err = time.Parse(time.RFC3339Nano, c.Key)
	case "size":
		_, err = strconv.ParseInt(c.Key, 10, 64)
	}
	if err != nil {
		return cursor{}
	}
	return c
}

func (d Document) cursor(sort string) cursor {
	switch strings.TrimPrefix(sort, "-") {
	case "changed":
		return cursor{d.ChangedAt.UTC().Format(time.RFC3339Nano), d.ID}
	case "size":
		return cursor{strconv.FormatInt(d.Size, 10), d.ID}
	}
	return cursor{d.Name, d.ID}
}

// page is one page of a list, and the ways on.
type page struct {
	Documents  []Document
	Prev, Next string // cursors; "": there is none
	Count      int    // of the whole list, up to few
	More       bool   // there are more than Count
}

// cut makes a page of rows that were read with one more than fits; read backwards, they come turned round.
func cut(list []Document, from cursor, back bool, sort string) page {
	more := len(list) > pageSize
	list = list[:min(len(list), pageSize)]
	if back {
		slices.Reverse(list)
	}
	p := page{Documents: list}
	if len(list) == 0 {
		return p
	}
	if more && back || !back && !from.isZero() {
		p.Prev = list[0].cursor(sort).String()
	}
	if more || back {
		p.Next = list[len(list)-1].cursor(sort).String()
	}
	return p
}

// turn is a neighbouring page's address; "" when there is none.
func turn(here *web.Here, name, cursor string) string {
	if cursor == "" {
		return ""
	}
	u, err := url.Parse(here.With(name, cursor))
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Del(map[string]string{"before": "after", "after": "before"}[name])
	u.RawQuery = q.Encode()
	return u.String()
}

// head is a column's heading that sorts.
type head struct{ Title, Href, Sort, Class string }

func headOf(here *web.Here, sort, column, title, class string) head {
	h := head{Title: title, Class: class}
	next := column
	switch sort {
	case column:
		h.Sort, next = "ascending", "-"+column
	case "-" + column:
		h.Sort = "descending"
	default:
		if column != "name" {
			next = "-" + column
		}
	}
	h.Href = here.With("sort", next)
	return h
}

// counted says how many there are: "12 files", "1,000+ files".
func counted(p page, one, many string) string {
	switch {
	case p.More:
		return "1,000+ " + many
	case p.Count == 1:
		return "1 " + one
	}
	return strconv.Itoa(p.Count) + " " + many
}
