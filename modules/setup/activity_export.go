package setup

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/web"
)

const exportedAtOnce = 2000

// exportActivity gives the entries that the filter means as CSV, the newest first. Addresses of people leave the house
// with it, so that the person is asked to confirm who they are.
func (o office) exportActivity(r *web.Request) error {
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	view := activityView{Here: r.Here(), Ask: askOf(r)}
	if err := o.about(r, &view); err != nil {
		return err
	}
	if view.open() {
		return r.Go(r.Path("setup", "activity"))
	}
	ctx, v, zone := r.Lasting(), r.Viewer(), r.Here().Now.Location()
	filter := view.Ask.filter(zone)
	columns := []string{"When", "Who", "Where", "On behalf of", "What", "Kind", "Client", "Project", "IP address", "Browser", "Before", "After", "Id"}
	return r.Sheet("activity.csv", columns, func(add func(...string) error) error {
		for after, more := (activity.Place{}), true; more; more = !after.At.IsZero() {
			found, names, err := o.exported(ctx, v, filter, after)
			if err != nil {
				return err
			}
			for _, e := range found.Entries {
				err := add(e.At.In(zone).Format(time.RFC3339), happeningOf(e, nil).Who, stood(e), e.Behalf, e.Text, e.Verb, names[e.ClientID], names[e.ProjectID],
					e.IP, e.Agent, asText(e.Data["before"]), asText(e.Data["after"]), e.ID.String())
				if err != nil {
					return err
				}
			}
			after = found.Next
		}
		return nil
	})
}

// exported reads one piece of the log in a transaction of its own: the request's has ended.
func (o office) exported(ctx context.Context, v auth.Viewer, f activity.Filter, after activity.Place) (found activity.Found, names names, err error) {
	err = o.reading(ctx, v, func(tx bun.Tx) (err error) {
		if found, err = activity.Find(ctx, tx, v, f, after, exportedAtOnce); err == nil {
			names, err = namesOf(ctx, tx, v, found.Entries)
		}
		return err
	})
	return found, names, err
}

func (o office) reading(ctx context.Context, v auth.Viewer, read func(bun.Tx) error) error {
	tx, err := db.BeginRead(ctx, o.Pool, v.FirmID())
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	return read(tx)
}

// asText is a value of before and after for a cell.
func asText(value any) string {
	if value == nil {
		return ""
	}
	body, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(body)
}
