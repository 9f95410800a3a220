package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"portico/platform/host"
	"portico/platform/module"
)

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to date; needs DATABASE_URL",
		Long: `Applies what is missing, in one order, each file in one transaction, under a lock: it is safe to start it twice.
It also makes the roles portico_app and portico_ops, and walls every table off by firm. The user of DATABASE_URL must
own the database, and must be allowed to make roles or be given those two.`,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := load()
			if err != nil {
				return err
			}
			if cfg.DatabaseURL == "" {
				return fmt.Errorf("DATABASE_URL is not set: want postgres://user:password@host/database")
			}
			applied, err := host.Migrate(c.Context(), cfg.DatabaseURL, module.All())
			for _, name := range applied {
				fmt.Fprintln(c.OutOrStdout(), name)
			}
			return err
		},
	}
}
