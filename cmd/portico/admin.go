package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"portico/platform/access"
	"portico/platform/fault"
	"portico/platform/firm"
	"portico/platform/host"
	"portico/platform/people"
)

func adminCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "admin",
		Short: "The operator's tools: make firms and staff, print a sign-in link or the record for signed mails",
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(createFirmCommand(), createStaffCommand(), linkCommand(), dkimKeyCommand(), sealCertificateCommand())
	return c
}

func createFirmCommand() *cobra.Command {
	var n firm.New
	var owner people.NewStaff
	c := &cobra.Command{
		Use:     "create-firm",
		Short:   "Make a firm and its owner, and print the owner's sign-in link",
		Example: `  portico admin create-firm --firm acme --name "Acme Builders" --owner-name "Pat Moss" --owner-email pat@acme.example`,
		RunE: func(c *cobra.Command, _ []string) error {
			if n.Key == "" || n.Name == "" || owner.Email == "" {
				return usage("--firm, --name and --owner-email are needed; see -h")
			}
			if owner.Name == "" {
				owner.Name = owner.Email
			}
			owner.Role = access.Owner
			return withHouse(c.Context(), func(ctx context.Context, h *host.Host) error {
				if err := h.CreateFirm(ctx, n, owner); err != nil {
					return inWords(err)
				}
				return printLink(ctx, c, h, n.Key, owner.Email)
			})
		},
	}
	c.Flags().StringVar(&n.Key, "firm", "", "key: the name in the firm's address, 3 to 40 small letters, digits and dashes")
	c.Flags().StringVar(&n.Name, "name", "", "the firm's name")
	c.Flags().StringVar(&n.Kind, "kind", "builder", "builder, agency, services or events")
	c.Flags().StringVar(&n.Zone, "zone", "UTC", "time zone, such as America/Chicago")
	c.Flags().StringVar(&n.Currency, "currency", "USD", "currency, such as EUR")
	c.Flags().StringVar(&owner.Name, "owner-name", "", "the owner's name")
	c.Flags().StringVar(&owner.Email, "owner-email", "", "the owner's address: where sign-in links go")
	return c
}

func createStaffCommand() *cobra.Command {
	var key string
	var n people.NewStaff
	var role string
	c := &cobra.Command{
		Use:     "create-staff",
		Short:   "Make a member of staff, and print the sign-in link",
		Example: `  portico admin create-staff --firm acme --email kim@acme.example --name "Kim Ode" --role admin`,
		RunE: func(c *cobra.Command, _ []string) error {
			if key == "" || n.Email == "" {
				return usage("--firm and --email are needed; see -h")
			}
			if n.Name == "" {
				n.Name = n.Email
			}
			n.Role = access.Role(role)
			if n.Role != access.Owner && n.Role != access.Admin && n.Role != access.Member {
				return usage("--role is %q: want owner, admin or member", role)
			}
			return withHouse(c.Context(), func(ctx context.Context, h *host.Host) error {
				if err := h.CreateStaff(ctx, key, n); err != nil {
					return inWords(err)
				}
				return printLink(ctx, c, h, key, n.Email)
			})
		},
	}
	c.Flags().StringVar(&key, "firm", "", "the firm's key")
	c.Flags().StringVar(&n.Email, "email", "", "address: where sign-in links go")
	c.Flags().StringVar(&n.Name, "name", "", "name")
	c.Flags().StringVar(&n.Title, "title", "", "title, such as \"Site lead\"")
	c.Flags().StringVar(&role, "role", "member", "owner, admin or member")
	return c
}

func linkCommand() *cobra.Command {
	var key, email string
	c := &cobra.Command{
		Use:   "link",
		Short: "Print a sign-in link for an address, for whoever is locked out",
		Long: `Prints a sign-in link and nothing else. Whoever opens it within its time is signed in as that person: hand it over
with care. It works as a mailed one does, and ends the older ones.`,
		Example: `  portico admin link --firm acme --email pat@acme.example`,
		RunE: func(c *cobra.Command, _ []string) error {
			if key == "" || email == "" {
				return usage("--firm and --email are needed; see -h")
			}
			return withHouse(c.Context(), func(ctx context.Context, h *host.Host) error {
				return printLink(ctx, c, h, key, email)
			})
		},
	}
	c.Flags().StringVar(&key, "firm", "", "the firm's key")
	c.Flags().StringVar(&email, "email", "", "the person's address")
	return c
}

func printLink(ctx context.Context, c *cobra.Command, h *host.Host, key, email string) error {
	link, err := h.AdminLink(ctx, key, email)
	if err != nil {
		return inWords(err)
	}
	_, err = fmt.Fprintln(c.OutOrStdout(), link)
	return err
}

// inWords names the fields of a refused form: a terminal has no place beside them.
func inWords(err error) error {
	f, ok := fault.Of(err)
	if !ok || len(f.Fields) == 0 {
		return err
	}
	var all []error
	for name, problem := range f.Fields {
		all = append(all, fmt.Errorf("%s: %s", name, problem))
	}
	return errors.Join(all...)
}
