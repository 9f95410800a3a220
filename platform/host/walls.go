package host

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// CheckWalls proves that the program's role cannot see rows without a firm, and cannot step over the wall.
func CheckWalls(ctx context.Context, pool *bun.DB) error {
	var super, bypass bool
	err := pool.NewRaw("select rolsuper, rolbypassrls from pg_roles where rolname = current_user").Scan(ctx, &super, &bypass)
	if err != nil {
		return err
	}
	if super || bypass {
		return fmt.Errorf("the program's role may see every firm; let DATABASE_URL's user take the role portico_app (run `portico migrate`)")
	}
	var rows int
	if err := pool.NewRaw("select count(*) from client").Scan(ctx, &rows); err != nil {
		return err
	}
	if rows > 0 {
		return fmt.Errorf("clients can be seen without a firm; run `portico migrate`")
	}
	return nil
}
