package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"portico/platform/access"
	"portico/platform/db"
	"portico/platform/host"
	"portico/platform/mail"
	"portico/platform/module"
	"portico/platform/secret"
)

// drawn is the house without stores: to list what it is made of.
func drawn() (*host.Host, error) {
	c, err := load()
	if err != nil {
		return nil, err
	}
	c.DatabaseURL, c.RedisURL = "postgres://nobody@localhost/none", "redis://localhost:1/0"
	return host.Open(host.Options{
		Config: c, Log: slog.New(slog.DiscardHandler), Now: time.Now, Key: secret.NewKey(), Modules: module.All(),
		Mailbox: &mail.Mailbox{},
	})
}

func routesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "routes",
		Short: "List every route: method, path, who",
		RunE: func(c *cobra.Command, _ []string) error {
			h, err := drawn()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 4, 2, ' ', 0)
			for _, group := range h.Groups() {
				for _, route := range group.Routes {
					path := strings.TrimSuffix(group.Prefix+route.Path, "/")
					if path == "" {
						path = "/"
					}
					fmt.Fprintf(w, "%s\t%s\t%s\n", route.Method, path, who(route.Who))
				}
			}
			return w.Flush()
		},
	}
}

func who(p access.Permission) string {
	switch p.Who {
	case access.Anyone:
		return "anyone"
	case access.SignedIn:
		return "signed-in"
	case access.ForStaff:
		if p.Role == access.NoRole {
			return "staff " + p.Name
		}
		return "staff:" + string(p.Role) + " " + p.Name
	case access.ForClient:
		text := "client " + p.Name
		if p.Right != "" {
			text += "+" + string(p.Right)
		}
		return text
	}
	return "nobody"
}

func modulesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "modules",
		Short: "List every section: id, title, switch, tables, jobs",
		RunE: func(c *cobra.Command, _ []string) error {
			h, err := drawn()
			if err != nil {
				return err
			}
			return listModules(c.OutOrStdout(), h)
		},
	}
}

func listModules(out io.Writer, h *host.Host) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, m := range h.Catalog.Modules {
		tables, err := db.TablesIn(m.Migrations)
		if err != nil {
			return err
		}
		var jobs []string
		for _, j := range m.Jobs {
			jobs = append(jobs, j.Name)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.ID, m.Title, m.Toggle, orDash(tables), orDash(jobs))
	}
	return w.Flush()
}

func orDash(list []string) string {
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, ",")
}
