package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"portico/platform/demo"
	"portico/platform/firm"
	"portico/platform/host"
)

// demoKey is the key of the demo's first firm.
const demoKey = "demo"

func demoCommand() *cobra.Command {
	size := demo.Size{Seed: 1}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Load demo data: the default story, or firms, clients, projects and invoices of any number",
		Long: `Without numbers it loads the default story: Northgate Builders (key "demo") and Harbor Events (key "harbor"). With
numbers it makes that many, spread over the firms, fast; the same seed makes the same data. Firms are named by the
seed and their number, so that several sizes can live in one database.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if size.Firms < 0 || size.Clients < 0 || size.Projects < 0 || size.Invoices < 0 {
				return usage("numbers cannot be negative")
			}
			return withHouse(c.Context(), func(ctx context.Context, h *host.Host) error {
				if size.Empty() {
					return loadDemoOnce(ctx, h, c.OutOrStdout())
				}
				if size.Firms == 0 {
					size.Firms = 1
				}
				began := time.Now()
				made, err := h.LoadMany(ctx, size)
				if err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "%d firms, %d clients, %d contacts, %d projects, %d invoices in %s\n",
					made.Firms, made.Clients, made.Contacts, made.Projects, made.Invoices, time.Since(began).Round(time.Millisecond))
				return nil
			})
		},
	}
	c.Flags().IntVar(&size.Firms, "firms", 0, "number of firms")
	c.Flags().IntVar(&size.Clients, "clients", 0, "number of clients, over all firms")
	c.Flags().IntVar(&size.Projects, "projects", 0, "number of projects, over all clients")
	c.Flags().IntVar(&size.Invoices, "invoices", 0, "number of invoices, over all projects (made by the billing section where there is one)")
	c.Flags().Uint64Var(&size.Seed, "seed", 1, "the same seed makes the same data")
	return c
}

// loadDemoOnce tells the default story unless it has been told.
func loadDemoOnce(ctx context.Context, h *host.Host, out io.Writer) error {
	told, err := firm.Taken(ctx, h.Pool, demoKey) // also when the firm has another name by now
	if err != nil || told {
		return err
	}
	if err := h.LoadDemo(ctx, 1); err != nil {
		return err
	}
	fmt.Fprintln(out, "demo loaded: Northgate Builders and Harbor Events")
	return nil
}

// greetDemo prints the sign-in links that can be made.
func greetDemo(ctx context.Context, out io.Writer, h *host.Host) error {
	fmt.Fprintln(out, "\nSign in with one click (the links work for 7 days):")
	for _, login := range host.DemoLogins() {
		link, err := h.AdminLink(ctx, login.Firm, login.Email)
		if err != nil { // somebody played with the demo, such as switched this access off: everything else still starts
			link = "no link: this access is switched off or gone"
		}
		fmt.Fprintf(out, "  %-32s %s\n", login.Who, link)
	}
	return nil
}
