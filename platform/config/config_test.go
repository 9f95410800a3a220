package config

import (
	"strings"
	"testing"
)

func TestEveryWrongValueIsNamedWithWhatIsAllowed(t *testing.T) {
	for name, value := range map[string]string{
		"PORT": "eighty", "PORTICO_URL": "portal.example.com/x", "DATABASE_URL": "mysql://x", "REDIS_URL": "http://x",
		"SMTP_URL": "mail.example.com", "PORTICO_LOG": "loud", "PORTICO_SANDBOX": "here", "PORTICO_RUNTIME": "docker", "PORTICO_WORKERS": "0",
		"PORTICO_CONNECTIONS": "1", "PORTICO_TRUSTED_PROXIES": "my proxy",
		"PORTICO_DKIM": "My Key", "PORTICO_DKIM_KIND": "dsa", "PORTICO_BOUNCE_ADDRESS": "a+b@example.com", "PORTICO_BOUNCE_LISTEN": ":2525",
		"PORTICO_BOUNCE_SECRET": "short", "PORTICO_TSA": "time.example.com",
		"PORTICO_DOMAIN": "203.0.113.7", "PORTICO_ACME_URL": "http://acme.example.com/dir", "PORTICO_ACME_EMAIL": "Ops <ops@example.com>",
		"PORTICO_DNS": "dns.example.com", "PORTICO_HTTPS_PORT": "0", "PORTICO_HTTP_PORT": "99999",
	} {
		t.Setenv(name, value)
		_, err := Load()
		t.Setenv(name, "")
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "want") {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

// TestJobsHaveConnections: as many jobs as connections may stand still for ever; more than half is told.
func TestJobsHaveConnections(t *testing.T) {
	for _, is := range []struct {
		workers, connections int
		crowded, stuck       bool
	}{
		{8, 16, false, false}, {9, 16, true, false}, {15, 16, true, false}, {16, 16, true, true}, {200, 500, false, false}, {40, 16, true, true}, {2, 4, false, false},
	} {
		c := Config{Concurrency: is.workers, Connections: is.connections}
		why, stuck := c.Crowded()
		if (why != nil) != is.crowded || stuck != is.stuck {
			t.Errorf("%d of %d: %v, %v", is.workers, is.connections, why, stuck)
		}
	}
}

func TestSecretsAreNotRepeated(t *testing.T) {
	t.Setenv("DATABASE_URL", "mysql://root:hunter2@db/x")
	t.Setenv("SMTP_URL", "ftp://u:hunter2@mail")
	if _, err := Load(); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("said: %v", err)
	}
}

func TestTheEnvironmentGoesBeforeWhatARunningUpLeft(t *testing.T) {
	t.Setenv("PORT", "9000")
	c, err := Load(map[string]string{"PORT": "1234", "PORTICO_MAIN_FIRM": "acme"})
	if err != nil || c.Port != 9000 || c.MainFirm != "acme" || c.URL != "http://localhost:9000" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestSettingsCoverEveryVariable(t *testing.T) {
	for _, s := range Settings() {
		if s.Help == "" {
			t.Errorf("%s has no help", s.Name)
		}
	}
}

func TestADomainOfOurOwnSaysWhereWeAre(t *testing.T) {
	c, err := Parse(map[string]string{"PORTICO_DOMAIN": "Portal.Example.com."})
	if err != nil || c.URL != "https://portal.example.com" || c.Listen() != ":443" || c.ListenPlain() != ":80" || c.BaseHost() != "portal.example.com" {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = Parse(map[string]string{"PORTICO_DOMAIN": "portal.example.com", "PORTICO_HTTPS_PORT": "8443", "PORTICO_URL": "https://portal.example.com", "PORTICO_DNS": "9.9.9.9"})
	if err != nil || c.URL != "https://portal.example.com" || c.Listen() != ":8443" || c.DNS != "9.9.9.9:53" {
		t.Errorf("behind a machine that passes 443 on: %+v, %v", c, err)
	}
	for _, url := range []string{"http://portal.example.com", "https://other.example.com"} {
		if _, err := Parse(map[string]string{"PORTICO_DOMAIN": "portal.example.com", "PORTICO_URL": url}); err == nil || !strings.Contains(err.Error(), "PORTICO_URL") {
			t.Errorf("%s: %v", url, err)
		}
	}
	if c, err := Parse(nil); err != nil || c.ListenPlain() != "" || c.Listen() != ":8080" {
		t.Errorf("without one: %+v, %v", c, err)
	}
}
