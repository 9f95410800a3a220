// Package config reads the environment once: every wrong value is named, with what is allowed.
package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Config is the whole environment of the program.
type Config struct {
	Port        int    `env:"PORT" envDefault:"8080" help:"port of portal and office"`
	Bind        string `env:"PORTICO_BIND" help:"address to listen on; empty: all"`
	URL         string `env:"PORTICO_URL" help:"the installation's own address, such as https://portal.example.com; firms live at <key>.<its host>"`
	Domain      string `env:"PORTICO_DOMAIN" help:"serve HTTPS here, with certificates of our own, for this domain and the firms below it; PORT is not used then"`
	HTTPSPort   int    `env:"PORTICO_HTTPS_PORT" envDefault:"443" help:"with PORTICO_DOMAIN: port of portal and office"`
	HTTPPort    int    `env:"PORTICO_HTTP_PORT" envDefault:"80" help:"with PORTICO_DOMAIN: port that leads to HTTPS and answers the certificate authority"`
	ACMEURL     string `env:"PORTICO_ACME_URL" help:"directory of the certificate authority; empty: Let's Encrypt"`
	ACMERoot    string `env:"PORTICO_ACME_ROOT" help:"file with the root certificate (PEM) of a private certificate authority"`
	ACMEEmail   string `env:"PORTICO_ACME_EMAIL" help:"where the certificate authority writes to when something is wrong"`
	DNS         string `env:"PORTICO_DNS" help:"name server that firms' own domains and the signatures of mails are checked with, such as 9.9.9.9:53; empty: the machine's"`
	MainFirm    string `env:"PORTICO_MAIN_FIRM" help:"key of the firm that answers at the installation's own address; empty: the only one"`
	DataDir     string `env:"PORTICO_DATA_DIR" help:"folder for everything private: database, queue, files, key, mailbox"`
	DatabaseURL string `env:"DATABASE_URL" help:"PostgreSQL 15 or newer; empty: a private one (portico up)"`
	RedisURL    string `env:"REDIS_URL" help:"Redis 6.2 or Valkey; empty: a private one (portico up)"`
	SMTPURL     string `env:"SMTP_URL" help:"smtp://user:password@host:587 or smtps://…; empty: mails are kept in the mailbox viewer (portico up)"`
	MailFrom    string `env:"PORTICO_MAIL_FROM" help:"address that mails come from; default: portal@<host of PORTICO_URL>"`
	DKIM        string `env:"PORTICO_DKIM" help:"selector, such as portico, under which the key that signs mails is published; empty: mails are not signed here"`
	DKIMKind    string `env:"PORTICO_DKIM_KIND" envDefault:"rsa" help:"kind of a new key that signs mails: rsa or ed25519"`
	BounceTo    string `env:"PORTICO_BOUNCE_ADDRESS" help:"address that reports about undelivered mails come back to, such as bounce@bounces.example.com; empty: to PORTICO_MAIL_FROM"`
	BounceBind  string `env:"PORTICO_BOUNCE_LISTEN" help:"where the worker takes those reports by SMTP, such as :25; empty: it takes none"`
	ReplyTo     string `env:"PORTICO_REPLY_ADDRESS" help:"address that answers to mails about messages come to, such as reply@replies.example.com; empty: mails are answered in the portal only"`
	ReplyBind   string `env:"PORTICO_REPLY_LISTEN" help:"where the worker takes those answers by SMTP, such as :25; empty: it takes none"`
	ReplyKey    string `env:"PORTICO_REPLY_SECRET" help:"at least 20 characters that a mail service shows when it hands answers over to /webhooks/mail/replies; empty: there is no such address"`
	ReplyRelay  string `env:"PORTICO_REPLY_RELAY" help:"name in the Authentication-Results of your own mail server that passes those answers on, such as mx.example.com: what it says of DMARC counts; empty: no such line counts"`
	BounceKey   string `env:"PORTICO_BOUNCE_SECRET" help:"at least 20 characters that a mail service shows when it reports bounces to /webhooks/mail/bounces; empty: there is no such address"`
	FilesURL    string `env:"PORTICO_FILES" help:"folder, or s3://key:secret@host/bucket?region=…; default: <data>/files"`
	Seal        string `env:"PORTICO_SEAL" help:"file (PEM) with the key and the certificates that signed contracts are sealed with; empty: <data>/seal.key, made at the first start"`
	TSA         string `env:"PORTICO_TSA" help:"timestamp authority (RFC 3161) that is asked when a contract is sealed, such as http://timestamp.example.com; empty: none"`
	Push        string `env:"PORTICO_PUSH" envDefault:"yes" help:"no: the portal offers no messages on people's own devices (web push)"`
	PushContact string `env:"PORTICO_PUSH_CONTACT" help:"whom push services write to when something is wrong, an address or an https URL; empty: PORTICO_MAIL_FROM"`
	PushPrivate string `env:"PORTICO_PUSH_PRIVATE" envDefault:"no" help:"yes: push services may stand in private networks, and without TLS"`
	Quota       int    `env:"PORTICO_QUOTA" envDefault:"0" help:"gigabytes that the documents of one firm may take, old versions and trash included; 0: any"`
	Clamd       string `env:"PORTICO_CLAMD" help:"clamd that uploads are shown to, as host:3310 or the path of its socket; empty: nobody looks for viruses"`
	Secret      string `env:"PORTICO_SECRET" help:"64 hex digits; default: <data>/secret.key, made at the first start"`
	Proxies     string `env:"PORTICO_TRUSTED_PROXIES" help:"addresses or networks whose X-Forwarded-For and X-Forwarded-Proto count, separated by commas"`
	SSOPrivate  string `env:"PORTICO_SSO_PRIVATE" envDefault:"no" help:"yes: single sign-on providers may stand in private networks, and without TLS"`
	Sandbox     string `env:"PORTICO_SANDBOX" help:"where the practice provider of payments answers (portico sandbox), such as http://127.0.0.1:8190 or unix:/path; none: there is no such provider; empty: portico up brings its own"`
	Weather     string `env:"PORTICO_WEATHER" help:"where the weather of daily logs is asked for, a service with the interface of Open-Meteo, such as https://api.open-meteo.com; empty: nowhere"`
	Log         string `env:"PORTICO_LOG" envDefault:"info" help:"debug, info, warn or error"`
	MetricsBind string `env:"PORTICO_METRICS" help:"address for /metrics, such as 127.0.0.1:9090; empty: on the main port, for visitors from this machine only"`
	Concurrency int    `env:"PORTICO_WORKERS" envDefault:"8" help:"jobs at once in one worker; at most half of PORTICO_CONNECTIONS, because a job may use two"`
	Connections int    `env:"PORTICO_CONNECTIONS" envDefault:"16" help:"database connections of one process"`
	PostgresBin string `env:"PORTICO_PG_BIN" help:"folder with the private PostgreSQL's programs"`
	RedisBin    string `env:"PORTICO_REDIS_BIN" help:"folder with the private Valkey's or Redis' programs"`
	Runtime     string `env:"PORTICO_RUNTIME" envDefault:"auto" help:"where private servers come from: auto, system, private or none"`
	Chromium    string `env:"PORTICO_CHROMIUM" help:"the browser that tests and screenshots use"`

	proxies []netip.Prefix
	base    *url.URL
}

// Load reads the environment; what is not set there is looked for in the fallbacks.
func Load(fallbacks ...map[string]string) (*Config, error) {
	return Parse(merged(fallbacks))
}

// LoadFor is Load with a domain that was named beside the environment, and counts for more; "": none was.
func LoadFor(domain string) (*Config, error) {
	environment := merged(nil)
	if domain != "" {
		environment["PORTICO_DOMAIN"] = domain
	}
	return Parse(environment)
}

// Parse reads a made-up environment, for tests; what the real one says does not count.
func Parse(environment map[string]string) (*Config, error) {
	var c Config
	if err := env.ParseWithOptions(&c, env.Options{Environment: environment}); err != nil {
		return nil, explain(err)
	}
	return &c, c.check()
}

func merged(fallbacks []map[string]string) map[string]string {
	all := map[string]string{}
	for _, fallback := range fallbacks {
		maps.Copy(all, fallback)
	}
	for _, line := range os.Environ() {
		if name, value, _ := strings.Cut(line, "="); value != "" {
			all[name] = value
		}
	}
	return all
}

func explain(err error) error {
	var problems []error
	var all env.AggregateError
	if errors.As(err, &all) {
		for _, e := range all.Errors {
			var parse env.ParseError
			if errors.As(e, &parse) {
				problems = append(problems, fmt.Errorf("%s: want a whole number", nameOf(parse.Name)))
				continue
			}
			problems = append(problems, e)
		}
		return errors.Join(problems...)
	}
	return err
}

func nameOf(field string) string {
	for _, s := range Settings() {
		if s.Field == field {
			return s.Name
		}
	}
	return field
}

// Crowded says why jobs may have to wait for connections, nil when there are enough; stuck when they may wait for ever.
// It says something of workers only.
func (c *Config) Crowded() (why error, stuck bool) {
	if 2*c.Concurrency <= c.Connections {
		return nil, false
	}
	return fmt.Errorf("PORTICO_WORKERS is %d and PORTICO_CONNECTIONS %d: each job may use two connections, so that jobs wait for each other; "+
		"want at least %d connections", c.Concurrency, c.Connections, 2*c.Concurrency), c.Concurrency >= c.Connections
}

func (c *Config) check() error {
	var wrong []error
	bad := func(name, value, want string) {
		wrong = append(wrong, fmt.Errorf("%s is %q: want %s", name, value, want))
	}
	if c.Port < 1 || c.Port > 65535 {
		bad("PORT", fmt.Sprint(c.Port), "a port from 1 to 65535")
	}
	c.checkDomain(bad)
	if c.Quota < 0 {
		bad("PORTICO_QUOTA", fmt.Sprint(c.Quota), "a number of gigabytes, or 0 for any")
	}
	if _, _, err := net.SplitHostPort(c.Clamd); c.Clamd != "" && err != nil && !strings.HasPrefix(c.Clamd, "/") {
		bad("PORTICO_CLAMD", c.Clamd, "host:3310, or the path of clamd's socket")
	}
	if c.URL == "" && c.Domain != "" {
		c.URL = "https://" + c.Domain
		if c.HTTPSPort != 443 {
			c.URL += fmt.Sprintf(":%d", c.HTTPSPort)
		}
	}
	if c.URL == "" {
		c.URL = fmt.Sprintf("http://localhost:%d", c.Port)
	}
	base, err := url.Parse(c.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" || strings.Trim(base.Path, "/") != "" {
		bad("PORTICO_URL", c.URL, "an address without a path, such as https://portal.example.com")
		base = &url.URL{Scheme: "http", Host: "localhost"}
	}
	if c.Domain != "" && (base.Scheme != "https" || base.Hostname() != c.Domain) {
		bad("PORTICO_URL", c.URL, "https://"+c.Domain+", because PORTICO_DOMAIN says so; or leave it empty")
	}
	c.base = base
	c.URL = base.Scheme + "://" + base.Host
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") && !strings.Contains(c.DatabaseURL, "=") {
		bad("DATABASE_URL", "…", "postgres://user:password@host/database")
	}
	if c.RedisURL != "" && !hasScheme(c.RedisURL, "redis", "rediss", "unix") {
		bad("REDIS_URL", "…", "redis://host:6379/0, rediss://… or unix:///path")
	}
	if c.SMTPURL != "" && !hasScheme(c.SMTPURL, "smtp", "smtps") {
		bad("SMTP_URL", "…", "smtp://user:password@host:587 or smtps://…")
	}
	if !oneOf(c.SSOPrivate, "yes", "no") {
		bad("PORTICO_SSO_PRIVATE", c.SSOPrivate, "yes or no")
	}
	for name, value := range map[string]string{"PORTICO_PUSH": c.Push, "PORTICO_PUSH_PRIVATE": c.PushPrivate} {
		if !oneOf(value, "yes", "no") {
			bad(name, value, "yes or no")
		}
	}
	if c.PushContact != "" && !strings.HasPrefix(c.PushContact, "https://") && !strings.Contains(c.PushContact, "@") {
		bad("PORTICO_PUSH_CONTACT", c.PushContact, "an address such as it@example.com, or one that begins with https://")
	}
	if c.Sandbox != "" && c.Sandbox != "none" && !hasScheme(c.Sandbox, "http", "unix") {
		bad("PORTICO_SANDBOX", c.Sandbox, "http://127.0.0.1:8190, unix:/path or none")
	}
	if !oneOf(c.Log, "debug", "info", "warn", "error") {
		bad("PORTICO_LOG", c.Log, "debug, info, warn or error")
	}
	if !oneOf(c.Runtime, "auto", "system", "private", "none") {
		bad("PORTICO_RUNTIME", c.Runtime, "auto, system, private or none")
	}
	if !oneOf(c.DKIMKind, "rsa", "ed25519") {
		bad("PORTICO_DKIM_KIND", c.DKIMKind, "rsa or ed25519")
	}
	if c.Weather != "" && !hasScheme(c.Weather, "http", "https") {
		bad("PORTICO_WEATHER", c.Weather, "an address such as https://api.open-meteo.com")
	}
	if c.TSA != "" && !hasScheme(c.TSA, "http", "https") {
		bad("PORTICO_TSA", c.TSA, "an address such as http://timestamp.example.com")
	}
	if c.DKIM != "" && !label.MatchString(c.DKIM) {
		bad("PORTICO_DKIM", c.DKIM, "a selector of small letters, digits and dashes, such as portico")
	}
	if c.BounceTo != "" && !bounceShape.MatchString(c.BounceTo) {
		bad("PORTICO_BOUNCE_ADDRESS", c.BounceTo, "a short address without +, such as bounce@bounces.example.com")
	}
	if _, _, err := net.SplitHostPort(c.BounceBind); c.BounceBind != "" && (err != nil || c.BounceTo == "") {
		bad("PORTICO_BOUNCE_LISTEN", c.BounceBind, "an address such as :25, and PORTICO_BOUNCE_ADDRESS beside it")
	}
	if c.ReplyTo != "" && !bounceShape.MatchString(c.ReplyTo) {
		bad("PORTICO_REPLY_ADDRESS", c.ReplyTo, "a short address without +, such as reply@replies.example.com")
	}
	if _, _, err := net.SplitHostPort(c.ReplyBind); c.ReplyBind != "" && (err != nil || c.ReplyTo == "" || c.ReplyBind == c.BounceBind) {
		bad("PORTICO_REPLY_LISTEN", c.ReplyBind, "an address such as :25, another one than PORTICO_BOUNCE_LISTEN, and PORTICO_REPLY_ADDRESS beside it")
	}
	if c.ReplyKey != "" && (len(c.ReplyKey) < 20 || c.ReplyTo == "") {
		bad("PORTICO_REPLY_SECRET", "…", "at least 20 characters, and PORTICO_REPLY_ADDRESS beside it")
	}
	if c.ReplyRelay != "" && (!relayShape.MatchString(c.ReplyRelay) || c.ReplyTo == "") {
		bad("PORTICO_REPLY_RELAY", c.ReplyRelay, "the name of a mail server such as mx.example.com, and PORTICO_REPLY_ADDRESS beside it")
	}
	if c.BounceKey != "" && len(c.BounceKey) < 20 {
		bad("PORTICO_BOUNCE_SECRET", "…", "at least 20 characters")
	}
	if c.Concurrency < 1 || c.Concurrency > 200 {
		bad("PORTICO_WORKERS", fmt.Sprint(c.Concurrency), "a number from 1 to 200")
	}
	if c.Connections < 4 || c.Connections > 500 {
		bad("PORTICO_CONNECTIONS", fmt.Sprint(c.Connections), "a number from 4 to 500")
	}
	for _, text := range strings.Split(c.Proxies, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				bad("PORTICO_TRUSTED_PROXIES", text, "addresses such as 10.0.0.1 or networks such as 10.0.0.0/8")
				continue
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		c.proxies = append(c.proxies, prefix)
	}
	if c.DataDir == "" {
		c.DataDir = defaultDir()
	}
	if c.DataDir, err = filepath.Abs(c.DataDir); err != nil {
		bad("PORTICO_DATA_DIR", c.DataDir, "a folder")
	}
	return errors.Join(wrong...)
}

var (
	label       = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	relayShape  = regexp.MustCompile(`^[A-Za-z0-9._-]{1,253}$`)
	bounceShape = regexp.MustCompile(`^[a-z0-9._-]{1,20}@([a-z0-9-]+\.)+[a-z0-9-]+$`)
)

// TrustedProxies are the parsed networks.
func (c *Config) TrustedProxies() []netip.Prefix { return c.proxies }

// BaseHost is the host of URL, without its port.
func (c *Config) BaseHost() string { return c.base.Hostname() }

// OwnHosts are the names at which the installation answers for its main firm, beside BaseHost.
func (c *Config) OwnHosts() []string {
	if host := c.BaseHost(); host == "localhost" || host == "127.0.0.1" {
		return []string{"localhost", "127.0.0.1", "::1"}
	}
	return []string{c.BaseHost()}
}

// Scheme is http or https.
func (c *Config) Scheme() string { return c.base.Scheme }

// PublicPort is ":8080", or "" for the scheme's own.
func (c *Config) PublicPort() string {
	if port := c.base.Port(); port != "" {
		return ":" + port
	}
	return ""
}

// Listen is the address to listen on: for HTTPS when we do that ourselves.
func (c *Config) Listen() string {
	if c.Domain != "" {
		return net.JoinHostPort(c.Bind, fmt.Sprint(c.HTTPSPort))
	}
	return net.JoinHostPort(c.Bind, fmt.Sprint(c.Port))
}

// ListenPlain is where visitors of plain HTTP are led to HTTPS; "": there is no such place.
func (c *Config) ListenPlain() string {
	if c.Domain == "" {
		return ""
	}
	return net.JoinHostPort(c.Bind, fmt.Sprint(c.HTTPPort))
}

// PracticeProvider is where the practice provider of payments answers; "": there is none.
func (c *Config) PracticeProvider() string {
	if c.Sandbox == "none" {
		return ""
	}
	return c.Sandbox
}

// Certificates is the folder of certificates and their keys.
func (c *Config) Certificates() string { return filepath.Join(c.DataDir, "certificates") }

// Files is the folder or bucket for uploads.
func (c *Config) Files() string {
	if c.FilesURL != "" {
		return c.FilesURL
	}
	return filepath.Join(c.DataDir, "files")
}

// From is the address that mails come from.
func (c *Config) From() string {
	if c.MailFrom != "" {
		return c.MailFrom
	}
	return "portal@" + c.BaseHost()
}

// PushFrom is whom push services write to.
func (c *Config) PushFrom() string {
	if c.PushContact != "" {
		return c.PushContact
	}
	return c.From()
}

func defaultDir() string {
	switch home := os.Getenv("XDG_DATA_HOME"); {
	case os.Geteuid() == 0:
		return "/var/lib/portico"
	case runtime.GOOS == "darwin":
		return filepath.Join(os.Getenv("HOME"), "Library", "Application Support", "Portico")
	case home != "":
		return filepath.Join(home, "portico")
	}
	return filepath.Join(os.Getenv("HOME"), ".local", "share", "portico")
}

func hasScheme(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	return err == nil && oneOf(u.Scheme, schemes...)
}

func oneOf(text string, allowed ...string) bool {
	for _, a := range allowed {
		if text == a {
			return true
		}
	}
	return false
}
