package main

import (
	"os"
	"path/filepath"
	"strings"

	"portico/platform/config"
)

// A running `up` leaves word of its private stores and its address in the data folder, so that the operator's other
// commands on this machine find them without being told.

func privateFile(c *config.Config) string { return filepath.Join(c.DataDir, "run", "stores.env") }

func rememberPrivate(c *config.Config) error {
	text := "DATABASE_URL=" + c.DatabaseURL + "\nREDIS_URL=" + c.RedisURL +
		"\nPORTICO_URL=" + c.URL + "\nPORTICO_MAIN_FIRM=" + c.MainFirm + "\nPORTICO_DOMAIN=" + c.Domain +
		"\nPORTICO_SANDBOX=" + c.Sandbox + "\n"
	return os.WriteFile(privateFile(c), []byte(text), 0o600)
}

func forgetPrivate(c *config.Config) { _ = os.Remove(privateFile(c)) }

// load reads the environment, and what a running `up` in the same data folder has left. Stores that are named in the
// environment are somebody's own: then nothing is taken from there.
func load() (*config.Config, error) {
	c, err := config.Load()
	if err != nil || c.DatabaseURL != "" || c.RedisURL != "" {
		return c, err
	}
	text, err := os.ReadFile(privateFile(c))
	if err != nil {
		return c, nil
	}
	left := map[string]string{}
	for _, line := range strings.Split(string(text), "\n") {
		if name, value, ok := strings.Cut(line, "="); ok {
			left[name] = value
		}
	}
	return config.Load(left)
}
