package main

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"portico/platform/mail"
)

func dkimKeyCommand() *cobra.Command {
	var selector, kind string
	c := &cobra.Command{
		Use:   "dkim-key",
		Short: "Print the TXT record of the key that signs mails; the key is made when there is none",
		Long: `Prints the TXT record that publishes the key with which mails are signed (DKIM). The key is kept sealed in the data
folder, one for each selector, and is made when there is none; every machine that runs a worker needs the same file. To
change the key, choose another selector, publish its record, and only then set PORTICO_DKIM to it.`,
		Example: `  portico admin dkim-key
  portico admin dkim-key --selector portico2027 --kind ed25519`,
		RunE: func(c *cobra.Command, _ []string) error {
			settings, err := load()
			if err != nil {
				return err
			}
			k, err := key(settings)
			if err != nil {
				return err
			}
			selector = cmp.Or(selector, settings.DKIM, "portico")
			signer, err := openSigner(settings, k, selector, cmp.Or(kind, settings.DKIMKind))
			if err != nil {
				return err
			}
			name, value := signer.Record()
			fmt.Fprintf(c.OutOrStdout(), `Create this TXT record:

  name   %s
  value  %s

The same as a line of a zone file:

  %s. IN TXT %s

When it can be seen (portico check says so), set PORTICO_DKIM=%s.
`, name, value, name, mail.Quoted(value), selector)
			return nil
		},
	}
	c.Flags().StringVar(&selector, "selector", "", "name of the key; default: PORTICO_DKIM, or portico")
	c.Flags().StringVar(&kind, "kind", "", "rsa or ed25519, for a new key; default: PORTICO_DKIM_KIND")
	return c
}
