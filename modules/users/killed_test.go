package users_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"portico/modules/users"
	"portico/platform/config"
	"portico/platform/host"
	"portico/platform/mail"
	"portico/platform/module"
	"portico/platform/portaltest"
	"portico/platform/secret"
	"portico/worker"
)

// helper makes the test binary a worker that can be killed: it holds the addresses of the stores, a line each.
const helper = "PORTICO_USERS_HELPER"

// TestHelperWorks is that worker, in a process of its own; among the tests it does nothing.
func TestHelperWorks(t *testing.T) {
	where := strings.Split(os.Getenv(helper), "\n")
	if len(where) != 4 {
		return
	}
	c, err := config.Parse(map[string]string{
		"DATABASE_URL": where[0], "REDIS_URL": where[1], "PORTICO_URL": where[2], "PORTICO_MAIN_FIRM": "demo",
		"PORTICO_FILES": t.TempDir(), "PORTICO_DATA_DIR": t.TempDir(), "PORTICO_MAIL_FROM": "portal@portico.test",
	})
	if err != nil {
		t.Fatal(err)
	}
	transport, err := mail.OpenSMTP(where[3])
	if err != nil {
		t.Fatal(err)
	}
	key, _ := secret.ParseKey(strings.Repeat("7e", 32)) // the harness's
	h, err := host.Open(host.Options{
		Config: c, Log: slog.New(slog.DiscardHandler), Now: time.Now, Key: key, Transport: transport, Modules: []module.Module{users.Module},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // ends with its parent, however that ends
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	err = worker.Run(ctx, worker.Config{App: h.Pool, Ops: h.Ops, Redis: h.Redis, Handlers: h.Jobs, Log: h.Log, Concurrency: 4, Drain: time.Second})
	if err != nil {
		t.Error(err)
	}
}

func startHelper(t *testing.T, site *portaltest.Site) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestHelperWorks$")
	cmd.Env = append(os.Environ(), helper+"="+strings.Join([]string{site.Config.DatabaseURL, site.Config.RedisURL, site.Config.URL, site.Smtp.URL}, "\n"))
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

// TestEverybodyGetsOneMailThoughWorkersAreKilledAndRedisForgets kills workers with mails in their hands, and wipes Redis:
// everybody is mailed, and nobody gets two that are not the same. A mail whose worker died between the server's word and
// the commit goes out once more with the same Message-ID and the same link: a few at most.
func TestEverybodyGetsOneMailThoughWorkersAreKilledAndRedisForgets(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	const guests, kills = 240, 3
	crowd(t, site, guests)
	invite(t, site.As("priya"), "first", 6000)
	options, err := redis.ParseURL(site.Config.RedisURL)
	if err != nil {
		t.Fatal(err)
	}
	queue := redis.NewClient(options)
	defer queue.Close()
	for range kills {
		victim := startHelper(t, site)
		before := len(site.Smtp.Messages())
		eventually(t, "the new worker sends something", func() bool { return len(site.Smtp.Messages()) >= before+20 })
		_ = victim.Process.Kill()
		_ = victim.Wait()
		if err := queue.FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if len(mailsTo(site)) >= guests {
		t.Fatal("all were sent before the last kill: invite more")
	}
	finished(t, site)
	got := mailsTo(site)
	if len(got) != guests {
		t.Errorf("%d of %d were mailed", len(got), guests)
	}
	for address, mails := range got {
		if len(mails) != 1 {
			t.Errorf("%s got %d different mails", address, len(mails))
		}
	}
	if again := len(site.Smtp.Messages()) - guests; again > 4*kills {
		t.Errorf("%d mails went out once more, with %d at a time and %d kills", again, 4, kills)
	} else {
		t.Logf("%d mails went out once more", again)
	}
}
