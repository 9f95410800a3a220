package embedded

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHomebrewIsAskedForWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	brew := filepath.Join(dir, "brew")
	script := "#!/bin/sh\necho \"$@\" > '" + dir + "/asked'\n"
	if err := os.WriteFile(brew, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	var told []string
	o := Options{Log: slog.New(slog.DiscardHandler), Progress: func(text string) { told = append(told, text) }}
	missing := []wish{{name: "postgres", programs: []string{"postgres"}, major: "16"}, {name: "redis", programs: []string{"valkey-server", "redis-server"}}}
	if err := pour(context.Background(), o, brew, missing); err != nil {
		t.Fatal(err)
	}
	asked, _ := os.ReadFile(filepath.Join(dir, "asked"))
	if got := strings.TrimSpace(string(asked)); got != "install postgresql@16 valkey" || len(told) != 1 {
		t.Errorf("asked for %q, told %q", got, told)
	}
	err := pour(context.Background(), o, filepath.Join(dir, "none"), missing)
	if err == nil || !strings.Contains(err.Error(), "DATABASE_URL") {
		t.Errorf("without brew: %v", err)
	}
}
