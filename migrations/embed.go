// Package migrations holds the platform's tables (schema public).
package migrations

import "embed"

// FS holds `<14 digits>_<name>.tx.up.sql` files; each runs in one transaction.
//
//go:embed *.sql
var FS embed.FS
