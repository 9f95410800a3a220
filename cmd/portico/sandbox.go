package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"portico/modules/billing/gateway/sandbox"
	"portico/platform/config"
)

func sandboxCommand() *cobra.Command {
	var address, data string
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Run the practice provider of payments alone; no real money moves",
		Long: `Runs the practice provider of payments: a program of its own with a file of its own, which behaves like a real
provider, takes only practice numbers, and moves no money. "portico up" brings one; this is for "portico web" and "portico
worker", which find it by PORTICO_SANDBOX.`,
		Example: `  portico sandbox --listen 127.0.0.1:8190
  PORTICO_SANDBOX=http://127.0.0.1:8190 portico web`,
		RunE: func(c *cobra.Command, _ []string) error {
			conf, err := config.Load()
			if err != nil {
				return err
			}
			if data == "" {
				data = conf.DataDir
			}
			p, err := openPractice(address, data, logger(conf))
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "the practice provider answers at %s\n", p.address)
			return p.run(c.Context())
		},
	}
	c.Flags().StringVar(&address, "listen", "127.0.0.1:8190", "where it answers: host:port, or unix:/path")
	c.Flags().StringVar(&data, "data", "", "folder of its file; default: PORTICO_DATA_DIR")
	return c
}

// practice is the practice provider, run by this process.
type practice struct {
	service  *sandbox.Service
	listener net.Listener
	address  string // as PORTICO_SANDBOX has it
}

func openPractice(address, data string, log *slog.Logger) (*practice, error) {
	service, err := sandbox.Open(filepath.Join(data, "sandbox", "sandbox.db"), time.Now, log)
	if err != nil {
		return nil, err
	}
	l, err := sandbox.Listen(address)
	if err != nil {
		_ = service.Close()
		return nil, err
	}
	p := &practice{service: service, listener: l, address: "http://" + l.Addr().String()}
	if l.Addr().Network() == "unix" {
		p.address = "unix:" + l.Addr().String()
	}
	return p, nil
}

func (p *practice) run(ctx context.Context) error {
	err := p.service.Run(ctx, p.listener)
	_ = p.service.Close()
	return err
}

// startPractice is the practice provider that `up` brings unless another one is named. It answers on a socket in the data
// folder, or on a free port of this machine where the folder's name is too long for one.
func startPractice(c *config.Config, log *slog.Logger) (*practice, error) {
	if c.Sandbox != "" {
		return nil, nil
	}
	address := "unix:" + filepath.Join(c.DataDir, "sandbox", "socket")
	if len(address) > 100 {
		address = "127.0.0.1:0"
	}
	p, err := openPractice(address, c.DataDir, log)
	if err == nil {
		c.Sandbox = p.address
	}
	return p, err
}
