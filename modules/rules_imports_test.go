package modules_test

import (
	"strings"
	"testing/fstest"
)

// rank orders the rooms of platform: values know nobody, services know values, the contract knows services, the host
// joins them. What is not named is a service.
var rank = map[string]int{
	"access": 0, "brand": 0, "config": 0, "day": 0, "embedded": 0, "fault": 0, "id": 0, "money": 0, "port": 0, "secret": 0,
	"view": 2, "web": 2, "module": 2,
	"host": 3, "door": 3,
}

var rankName = []string{"value", "service", "contract", "host"}

func rankOf(room string) int {
	if r, known := rank[strings.Split(room, "/")[0]]; known {
		return r
	}
	return 1
}

// harness are packages for tests only: they may know everything, and nothing but tests may know them.
func harness(dir string) bool { return strings.HasSuffix(dir, "test") }

func importRules() []rule {
	return []rule{
		{name: "rooms", check: rooms, bites: map[string]fstest.MapFS{
			"a module knows another":        file("modules/billing/pay.go", `package billing; import _ "portico/modules/team"`),
			"a module knows the host":       file("modules/billing/pay.go", `package billing; import _ "portico/platform/host"`),
			"a module knows the worker":     file("modules/billing/pay.go", `package billing; import _ "portico/worker"`),
			"a test of a module, too":       file("modules/billing/pay_test.go", `package billing_test; import _ "portico/modules/team"`),
			"the platform knows a module":   file("platform/people/people.go", `package people; import _ "portico/modules/team"`),
			"a value knows a service":       file("platform/money/money.go", `package money; import _ "portico/platform/auth"`),
			"a service knows the contract":  file("platform/people/people.go", `package people; import _ "portico/platform/web"`),
			"the contract knows the host":   file("platform/module/module.go", `package module; import _ "portico/platform/host"`),
			"the worker knows the contract": file("worker/worker.go", `package worker; import _ "portico/platform/module"`),
			"views know anybody":            file("views/embed.go", `package views; import _ "portico/platform/day"`),
			"the program uses the harness":  file("platform/people/people.go", `package people; import _ "portico/platform/mail/mailtest"`),
			"a module reads views directly": file("modules/billing/pay.go", `package billing; import _ "portico/views"`),
		}},
		{name: "third parties", check: thirdParties, bites: map[string]fstest.MapFS{
			"fiber in a module":           file("modules/billing/pay.go", `package billing; import _ "github.com/gofiber/fiber/v2"`),
			"the engine outside view":     file("platform/web/page.go", `package web; import _ "github.com/gofiber/template/html/v2"`),
			"asynq in the platform":       file("platform/outbox/outbox.go", `package outbox; import _ "github.com/hibiken/asynq"`),
			"Redis in a module":           file("modules/billing/pay.go", `package billing; import _ "github.com/redis/go-redis/v9"`),
			"a gateway's SDK too high":    file("modules/billing/pay.go", `package billing; import _ "github.com/stripe/stripe-go/v82"`),
			"fiber's in-memory sessions":  file("platform/web/app.go", `package web; import _ "github.com/gofiber/fiber/v2/middleware/session"`),
			"fiber's cache without hosts": file("platform/web/app.go", `package web; import _ "github.com/gofiber/fiber/v2/middleware/cache"`),
			"net/http beside fiber":       file("modules/billing/pay.go", `package billing; import _ "net/http/httptest"; import _ "net/http"`),
		}},
	}
}

func rooms(h *house) []breach {
	var found []breach
	for _, c := range h.code {
		for imported := range c.imports() {
			if room, ours := strings.CutPrefix(imported, "portico/"); ours {
				if why := unwelcome(c, room); why != "" {
					found = append(found, breach{c.path, "imports " + imported + ": " + why})
				}
			}
		}
	}
	return found
}

// unwelcome says why a file may not know a room; "" when it may.
func unwelcome(c *code, room string) string {
	if harness(room) && !c.test && !harness(c.dir) {
		return "it is for tests only"
	}
	switch {
	case inside(c.dir, "cmd", "modules/testdata") || c.dir == "modules":
		return ""
	case inside(c.dir, "modules"):
		own := "modules/" + strings.Split(c.dir, "/")[1]
		switch {
		case inside(room, own):
			return ""
		case inside(room, "modules"):
			return "modules do not know each other"
		case c.test:
			return ""
		case !inside(room, "platform") || rankOf(strings.TrimPrefix(room, "platform/")) > 2 || inside(room, "platform/embedded", "platform/config"):
			return "a module knows the platform's services and its contract only"
		}
	case inside(c.dir, "platform"):
		return unwelcomeInPlatform(c, room)
	case inside(c.dir, "worker"):
		if !c.test && (!inside(room, "platform") || rankOf(strings.TrimPrefix(room, "platform/")) > 1) {
			return "the worker knows services only"
		}
	case inside(c.dir, "views", "migrations"):
		if !c.test {
			return "this room knows nobody"
		}
	}
	return ""
}

func unwelcomeInPlatform(c *code, room string) string {
	from := strings.TrimPrefix(c.dir, "platform/")
	to, platform := strings.CutPrefix(room, "platform/")
	switch {
	case c.test || harness(c.dir):
		if inside(room, "modules") {
			return "the platform knows that modules exist; it knows none of them"
		}
	case !platform:
		if rankOf(from) < 3 || inside(room, "modules", "worker") {
			return "the platform imports the platform only (the host joins views and migrations to it)"
		}
	case rankOf(to) > rankOf(from):
		return "a " + rankName[rankOf(from)] + " may not know a " + rankName[rankOf(to)]
	}
	return ""
}

// rooms of what others made: a prefix of import paths -> where it may be used; none: nowhere.
var thirdPartyRooms = map[string][]string{
	"github.com/gofiber/fiber/v2/middleware": {},
	"github.com/gofiber/fiber":               {"platform/web"},
	"github.com/valyala/fasthttp":            {"platform/web"},
	"github.com/gofiber/template":            {"platform/view"},
	"github.com/hibiken/asynq":               {"platform/job", "worker"},
	"github.com/redis/go-redis":              {"platform/live", "platform/host", "worker"},
	"github.com/go-redis/":                   {"platform/live", "platform/host", "worker"},
	"github.com/uptrace/bun/migrate":         {},
	"github.com/minio/minio-go":              {"platform/files"},
	"github.com/wneessen/go-mail":            {"platform/mail"},
	"github.com/emersion/":                   {"platform/mail", "platform/bounce", "platform/inbound"},
	"github.com/go-webauthn/":                {"platform/auth/factor"},
	"github.com/alexedwards/argon2id":        {"platform/auth/factor"},
	"github.com/coreos/go-oidc":              {"platform/auth/sso"},
	"github.com/SherClockHolmes/":            {"platform/push"},
	"golang.org/x/oauth2":                    {"platform/auth/sso"},
	"github.com/spf13/cobra":                 {"cmd"},
	"github.com/caarlos0/env":                {"platform/config"},
	"github.com/chromedp/":                   {},
	"github.com/xuri/excelize":               {"platform/sheet"},
	"github.com/stripe/":                     {"modules/billing/gateway"},
	"github.com/braintree-go/":               {"modules/billing/gateway"},
	"github.com/caddyserver/certmagic":       {"platform/certificates"},
	"github.com/pdfcpu/":                     {"modules/envelopes/seal"},
	"github.com/digitorus/":                  {"modules/envelopes/seal"},
	"net/http":                               {"platform/view", "platform/certificates", "platform/outside", "platform/push", "platform/auth/sso", "platform/signet", "modules/billing/gateway", "modules/dailylogs/weather"},
}

func thirdParties(h *house) []breach {
	var found []breach
	for _, c := range h.code {
		if c.test || harness(c.dir) {
			continue
		}
		for imported := range c.imports() {
			best := ""
			for prefix := range thirdPartyRooms {
				if (imported == prefix || strings.HasPrefix(imported, strings.TrimSuffix(prefix, "/")+"/")) && len(prefix) > len(best) {
					best = prefix
				}
			}
			if best != "" && !inside(c.dir, thirdPartyRooms[best]...) && !inside(c.dir, "cmd") {
				found = append(found, breach{c.path, "imports " + imported})
			}
		}
	}
	return found
}
