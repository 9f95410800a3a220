package schedule

import (
	"strconv"

	"portico/platform/web"
)

// pages is where one is in a list that is held whole.
type pages struct{ Text, Prev, Next string }

const rowsOnPage = 200

// paged cuts one page out of a list that is held whole.
func paged[T any](r *web.Request, rows []T, noun string) ([]T, pages) {
	n, err := strconv.Atoi(r.Query("page"))
	if err != nil || n < 1 || (n-1)*rowsOnPage >= max(len(rows), 1) {
		n = 1
	}
	from, to := (n-1)*rowsOnPage, min(n*rowsOnPage, len(rows))
	p := pages{Text: r.Count(len(rows), "%s "+noun, "%s "+noun+"s")}
	if len(rows) > rowsOnPage {
		p.Text = r.Say("%s–%s of %s", from+1, to, p.Text)
	}
	if n > 1 {
		p.Prev = r.Here().With("page", n-1)
	}
	if to < len(rows) {
		p.Next = r.Here().With("page", n+1)
	}
	return rows[from:to], p
}
