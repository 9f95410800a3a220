package host

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// copyCrowd writes what was made up, parents first.
func copyCrowd(ctx context.Context, tx pgx.Tx, c *crowd) error {
	loads := []struct {
		table, columns string
		rows           [][]any
	}{
		{"client", "firm_id id name kind email phone street city region postcode country notes portal_on created_at updated_at", c.clients},
		{"person", "firm_id id email name created_at", c.persons},
		{"contact", "firm_id id client_id person_id name title email phone is_primary access rights invited_at accepted_at archived_at created_at updated_at", c.contacts},
		{"project", "firm_id id client_id key name street city region country status summary next_steps starts_on ends_on currency shared created_at updated_at", c.projects},
	}
	for _, load := range loads {
		if err := copyInto(ctx, tx, load.table, strings.Fields(load.columns), load.rows); err != nil {
			return fmt.Errorf("%s: %w", load.table, err)
		}
	}
	return nil
}

func copyInto(ctx context.Context, tx pgx.Tx, table string, columns []string, rows [][]any) error {
	heap, list := "copy_"+table, strings.Join(columns, ", ")
	if _, err := tx.Exec(ctx, fmt.Sprintf("create temp table %s on commit drop as select %s from %s limit 0", heap, list, table)); err != nil {
		return err
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{heap}, columns, pgx.CopyFromRows(rows)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, fmt.Sprintf("insert into %s (%s) select %s from %s", table, list, list, heap))
	return err
}
