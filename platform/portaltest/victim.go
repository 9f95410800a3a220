package portaltest

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"portico/platform/config"
	"portico/platform/host"
	"portico/platform/mail"
	"portico/platform/module"
	"portico/platform/signet"
	"portico/worker"
)

// victimName is the variable that makes a test binary a worker: it holds a victim.
const victimName = "PORTICO_TEST_VICTIM"

// victim is what a worker in a process of its own needs to know of the site.
type victim struct {
	Database, Redis, URL, SMTP, Files, TSA string
	Signet                                 []byte // PEM
}

// Victim is a worker that can be killed, in a process of its own: a package calls it in a test named TestVictim, which does
// nothing among the tests. See StartVictim.
func Victim(t *testing.T, modules ...module.Module) {
	text := os.Getenv(victimName)
	if text == "" {
		return
	}
	var v victim
	must(t, json.Unmarshal([]byte(text), &v))
	c, err := config.Parse(map[string]string{
		"DATABASE_URL": v.Database, "REDIS_URL": v.Redis, "PORTICO_URL": v.URL, "PORTICO_MAIN_FIRM": "demo",
		"PORTICO_FILES": v.Files, "PORTICO_DATA_DIR": t.TempDir(), "PORTICO_MAIL_FROM": "portal@portico.test",
	})
	must(t, err)
	transport, err := mail.OpenSMTP(v.SMTP)
	must(t, err)
	s, err := signet.Parse(v.Signet)
	must(t, err)
	s.TSA = v.TSA
	h, err := host.Open(host.Options{
		Config: c, Log: slog.New(slog.DiscardHandler), Now: time.Now, Key: testKey, Signet: s, Transport: transport, Modules: modules,
	})
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // ends with its parent, however that ends
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	must(t, worker.Run(ctx, worker.Config{App: h.Pool, Ops: h.Ops, Redis: h.Redis, Handlers: h.Jobs, Log: h.Log, Concurrency: 4, Drain: time.Second}))
}

// StartVictim starts a worker for the site; it ends with the test at the latest. The binary's TestVictim calls Victim.
func (s *Site) StartVictim(t testing.TB) *exec.Cmd {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(s.Signet.Key)
	must(t, err)
	chain := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, c := range s.Signet.Chain {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	text, err := json.Marshal(victim{s.Config.DatabaseURL, s.Config.RedisURL, s.Config.URL, s.Smtp.URL, s.Config.Files(), s.Signet.TSA, chain})
	must(t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), victimName+"="+string(text))
	_, err = cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { Kill(cmd) })
	return cmd
}

// Kill ends a victim as kill -9 does.
func Kill(victim *exec.Cmd) {
	_ = victim.Process.Kill()
	_ = victim.Wait()
}

// Forget wipes Redis, so that the next worker asks at once about what was promised to a dead one.
func (s *Site) Forget(t testing.TB) {
	t.Helper()
	options, err := redis.ParseURL(s.Config.RedisURL)
	must(t, err)
	queue := redis.NewClient(options)
	defer func() { _ = queue.Close() }()
	must(t, queue.FlushDB(t.Context()).Err())
}
