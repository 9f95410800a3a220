package dailylogs

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/dailylogs/weather"
	"portico/platform/auth"
	"portico/platform/day"
)

func placeKept(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, town string) (at weather.Place, known bool, err error) {
	err = tx.NewRaw(`
		select p.latitude, p.longitude from dailylogs.place p
		where p.firm_id = ? and p.project_id = ? and p.town = ?`, v.FirmID(), project, town).Scan(ctx, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return at, false, nil
	}
	return at, err == nil, err
}

func keepPlace(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, town string, at weather.Place) error {
	_, err := tx.NewRaw(`
		insert into dailylogs.place (firm_id, project_id, town, latitude, longitude) values (?, ?, ?, ?, ?)
		on conflict (firm_id, project_id) do update set town = excluded.town, latitude = excluded.latitude, longitude = excluded.longitude`,
		v.FirmID(), project, town, at.Latitude, at.Longitude).Exec(ctx)
	return err
}

// fillWeather writes what the provider said of a day, unless somebody was quicker or the log is of another day by now. The version stays: whoever types has not seen it.
func fillWeather(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID, on day.Day, is weather.Report) error {
	_, err := tx.NewRaw(`
		update dailylogs.log set sky = ?, high = ?, low = ?, weather_from = 'provider'
		where firm_id = ? and id = ? and log_date = ? and state in ('draft', 'reopened') and weather_from = '' and sky = '' and high is null and low is null`,
		is.Sky, is.High, is.Low, v.FirmID(), log, on).Exec(ctx)
	return err
}
