package main

import (
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func sealCertificateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "seal-certificate",
		Short: "Print the certificates that signed contracts are sealed with, the authority's first",
		Long: `Prints the certificates (PEM) with which signed contracts are sealed: of the authority, then of the installation. They are no
secret: give them to whoever wants PDF readers to trust your seals. The installation's own certificate is made when there is
none.`,
		Example: `  portico admin seal-certificate > seals.pem
  certutil -A -d trust -n portico -t CT,C,C -i seals.pem`,
		RunE: func(c *cobra.Command, _ []string) error {
			settings, err := load()
			if err != nil {
				return err
			}
			k, err := key(settings)
			if err != nil {
				return err
			}
			s, err := openSignet(settings, k)
			if err != nil {
				return err
			}
			if len(s.Chain) == 0 {
				return errors.New("there is no certificate")
			}
			for n := len(s.Chain) - 1; n >= 0; n-- {
				fmt.Fprintf(c.OutOrStdout(), "# %s\n%s", s.Chain[n].Subject, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Chain[n].Raw}))
			}
			fmt.Fprintf(c.ErrOrStderr(), "SHA-256 of the installation's certificate: %s\n", s.Fingerprint())
			return nil
		},
	}
}
