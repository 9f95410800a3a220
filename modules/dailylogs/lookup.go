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
	"portico/platform/fault"
)

// looking names a log whose weather is to be filled in.
type looking struct{ Log uuid.UUID }

// lookUp fills in the weather of a log that nobody has filled in. What somebody wrote by hand is never replaced, and a log
// whose town the provider does not know stays as it is.
func (j journal) lookUp(ctx context.Context, tx bun.Tx, firm uuid.UUID, l looking) error {
	if j.Weather == "" {
		return nil
	}
	v := auth.System(firm)
	s, err := settingOf(ctx, tx, v)
	if err != nil || !s.Weather {
		return err
	}
	is, err := logByID(ctx, tx, v, l.Log)
	if err != nil || !is.Writing() || is.Known() {
		return fault.IgnoreNotFound(err)
	}
	provider := weather.At(j.Weather)
	at, err := j.placeOf(ctx, tx, v, provider, is.ProjectID)
	if err != nil || at.Latitude == "" {
		return err
	}
	report, err := provider.Day(ctx, at, is.LogDate.String(), is.Unit)
	if errors.Is(err, weather.ErrUnknown) {
		return nil
	}
	if err != nil {
		return err
	}
	return fillWeather(ctx, tx, v, l.Log, report)
}

// placeOf is where a project is; it is asked for once, as long as the project does not move.
func (j journal) placeOf(ctx context.Context, tx bun.Tx, v auth.Viewer, provider weather.Provider, project uuid.UUID) (weather.Place, error) {
	w, err := workByID(ctx, tx, v, day.Of(j.Now()), project)
	if err != nil {
		return weather.Place{}, fault.IgnoreNotFound(err)
	}
	town := strings.Join([]string{w.City, w.Region, w.Postcode, w.Country}, "|")
	at, known, err := placeKept(ctx, tx, v, project, town)
	if err != nil || known {
		return at, err
	}
	at, err = provider.Find(ctx, weather.Town{City: w.City, Region: w.Region, Postcode: w.Postcode, Country: w.Country})
	if err != nil && !errors.Is(err, weather.ErrUnknown) {
		return at, err
	}
	return at, keepPlace(ctx, tx, v, project, town, at)
}
