package users

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"time"

	"portico/platform/web"
)

// export gives the contacts that the list's filter means, or the ticked ones, as CSV. Addresses leave the house with
// it, so that the person is asked to confirm who they are.
func (o office) export(r *web.Request) error {
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	s := selectionOf(r)
	s.All = s.All || len(s.IDs) == 0
	s, err := s.resolve(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	var body bytes.Buffer
	body.WriteString("\uFEFF") // spreadsheets take UTF-8 only when told
	w := csv.NewWriter(&body)
	_ = w.Write([]string{"Name", "Client", "Email", "State", "Client's portal", "Invited", "Accepted", "Last sign-in", "Sessions", "Why the mail came back"})
	err = each(r.Context(), r.Tx(), r.Viewer(), s, func(rows []portalUser) {
		for _, u := range rows {
			record := []string{
				u.Name, u.ClientName, u.Email, u.State().Text, map[bool]string{true: "on", false: "off"}[u.ClientOn],
				moment(r, u.InvitedAt), moment(r, u.AcceptedAt), moment(r, u.SignedInAt), strconv.Itoa(u.Sessions), u.BounceReason,
			}
			for i := range record {
				record[i] = harmless(record[i])
			}
			_ = w.Write(record)
		}
	})
	if err != nil {
		return err
	}
	w.Flush()
	return r.Download("portal-users.csv", "text/csv; charset=utf-8", body.Bytes())
}

func moment(r *web.Request, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return r.Here().Local(at).Format("2006-01-02 15:04")
}
