package dailylogs

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/dailylogs/weather"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/fault"
)

// looking names a log whose weather is to be filled in.
type looking struct{ Log uuid.UUID }

// sought is a day whose weather is to be asked for.
type sought struct {
	on        day.Day
	unit      string
	project   uuid.UUID
	town      weather.Town
	at        weather.Place
	placeKept bool
}

// lookUp fills in the weather of a log that nobody has filled in. What somebody wrote by hand is never replaced, and a log
// whose town the provider does not know stays as it is. The provider may be slow: it is asked while no transaction is open.
func (j journal) lookUp(ctx context.Context, firm uuid.UUID, l looking) (func(context.Context, bun.Tx) error, error) {
	if j.Weather == "" {
		return nil, nil
	}
	v := auth.System(firm)
	is, wanted, err := j.sought(ctx, v, l.Log)
	if err != nil || !wanted {
		return nil, fault.IgnoreNotFound(err)
	}
	provider := weather.At(j.Weather)
	if !is.placeKept {
		if is.at, err = j.find(ctx, v, provider, is); err != nil {
			return nil, err
		}
	}
	if is.at.Latitude == "" {
		return nil, nil
	}
	report, err := provider.Day(ctx, is.at, is.on.String(), is.unit)
	if errors.Is(err, weather.ErrUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx bun.Tx) error { return fillWeather(ctx, tx, v, l.Log, is.on, report) }, nil
}

// sought is what to ask about a log; wanted is false when nobody wants to know, or somebody knows already.
func (j journal) sought(ctx context.Context, v auth.Viewer, log uuid.UUID) (is sought, wanted bool, err error) {
	err = db.InTx(ctx, j.Pool, v.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		s, err := settingOf(ctx, tx, v)
		if err != nil || !s.Weather {
			return err
		}
		l, err := logByID(ctx, tx, v, log)
		if err != nil || !l.Writing() || l.Measured() {
			return err
		}
		w, err := workByID(ctx, tx, v, l.LogDate, l.ProjectID)
		if err != nil {
			return err
		}
		wanted = true
		is = sought{on: l.LogDate, unit: l.Unit, project: l.ProjectID, town: weather.Town{City: w.City, Region: w.Region, Postcode: w.Postcode, Country: w.Country}}
		is.at, is.placeKept, err = placeKept(ctx, tx, v, is.project, townKey(is.town))
		return err
	})
	return is, wanted, err
}

// find asks where a town is, and keeps that at once: it is asked for once, as long as the project does not move.
func (j journal) find(ctx context.Context, v auth.Viewer, provider weather.Provider, is sought) (weather.Place, error) {
	at, err := provider.Find(ctx, is.town)
	if err != nil && !errors.Is(err, weather.ErrUnknown) {
		return at, err
	}
	return at, db.InTx(ctx, j.Pool, v.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return keepPlace(ctx, tx, v, is.project, townKey(is.town), at)
	})
}

func townKey(t weather.Town) string {
	return strings.Join([]string{t.City, t.Region, t.Postcode, t.Country}, "|")
}
