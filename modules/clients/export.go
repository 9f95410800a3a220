package clients

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/db/paging"
	"portico/platform/web"
)

// exportTime is for 100,000 clients.
const exportTime = 60 * time.Second

// export gives the clients that the list's filter means, or the ticked ones, as CSV. A whole register leaves the house
// with it, so that the person is asked to confirm who they are.
func (o office) export(r *web.Request) error {
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	filter := clientFilterOf(r.Query("state"), r.Query("portal"), r.Query("kind")).listing()
	ids, err := o.exported(r, filter)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	body.WriteString("\uFEFF") // spreadsheets take UTF-8 only when told
	w := csv.NewWriter(&body)
	_ = w.Write([]string{"Client", "Kind", "Email", "Phone", "Street", "City", "State or region", "Postal code", "Country",
		"Portal", "Contacts", "Projects", "Main contact", "Main contact's email", "Added", "Archived"})
	err = eachClient(r.Context(), r.Tx(), r.Viewer(), filter, ids, func(rows []clientRow) error {
		for _, c := range rows {
			record := []string{c.Name, c.KindTitle(), c.Email, c.Phone, c.Street, c.City, c.Region, c.Postcode, c.Country,
				map[bool]string{true: "on", false: "off"}[c.PortalOn], strconv.Itoa(c.Contacts), strconv.Itoa(c.Projects),
				c.ContactName, c.ContactEmail, r.Here().Local(c.CreatedAt).Format("2006-01-02"), yesNo(c.Archived())}
			for i := range record {
				record[i] = harmless(record[i])
			}
			_ = w.Write(record)
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.Flush()
	return r.Download("clients.csv", "text/csv; charset=utf-8", body.Bytes())
}

// exported are the ids that the export is narrowed to; none: all that the filter means.
func (o office) exported(r *web.Request, l listing) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	for _, text := range r.Queries("id") {
		if id, err := uuid.Parse(text); err == nil {
			ids = append(ids, id)
		}
	}
	if len(ids) > 0 || r.Query("q") == "" {
		return ids, nil
	}
	var from paging.Place
	for {
		page, err := l.pick(r.Context(), r.Tx(), r.Viewer(), r.Query("q"), sorts["name"], from)
		if err != nil {
			return nil, err
		}
		ids = append(ids, page.IDs...)
		if page.Next == "" {
			break
		}
		from = paging.PlaceOf(page.Next, "")
	}
	if len(ids) == 0 { // nothing found is nothing exported, not all
		ids = []uuid.UUID{uuid.Nil}
	}
	return ids, nil
}

// harmless keeps a spreadsheet from running what somebody typed as a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
