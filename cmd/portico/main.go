// Command portico is the whole program: portal, office, workers and the operator's tools.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // minimal machines have no zone files

	"github.com/spf13/cobra"

	_ "portico/modules" // the sections
)

// Set by the build.
var (
	version = "0.1.0"
	commit  = "unknown"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run gives the exit code: 0 well, 1 an error, 2 wrong usage.
func run(ctx context.Context, args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong), strings.HasPrefix(err.Error(), "unknown command"):
		fmt.Fprintf(os.Stderr, "portico: %v\n", err)
		return 2
	}
	fmt.Fprintf(os.Stderr, "portico: %v\n", err)
	return 1
}

// usageError is a call that cannot be meant.
type usageError struct{ error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "portico",
		Short: "Portico, the client portal of project-based businesses",
		Long: `Portico is a client portal that a firm runs for its clients: one branded place for projects, papers, payments and
talk. It needs PostgreSQL and Redis (or Valkey); "portico up" brings its own.

Try it:            portico up --demo
On one machine:    portico up
With own stores:   portico migrate && portico web    and, beside it,    portico worker

Everything is set by the environment; "portico check" lists the variables and says what is wrong.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(upCommand(), webCommand(), workerCommand(), migrateCommand(), demoCommand(), checkCommand(),
		sandboxCommand(), routesCommand(), modulesCommand(), adminCommand(), versionCommand())
	for _, c := range root.Commands() {
		wrongArgs(c)
	}
	return root
}

// wrongArgs makes superfluous arguments a usage error on every level.
func wrongArgs(c *cobra.Command) {
	if c.Args == nil {
		c.Args = cobra.NoArgs
	}
	check := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usageError{err}
		}
		return nil
	}
	for _, sub := range c.Commands() {
		wrongArgs(sub)
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print version and commit",
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "portico %s (%s)\n", version, commit)
			return err
		},
	}
}
