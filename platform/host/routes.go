package host

import (
	"context"
	"net"
	"runtime"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/brand"
	"portico/platform/fault"
	"portico/platform/outbox"
	"portico/platform/secret"
	"portico/platform/web"
)

func (h *Host) openWeb() {
	limits := newLimiter(h.Redis)
	h.Web = &web.App{
		Pool: h.Pool, Views: h.Views, Assets: h.Assets, Key: h.Key, Log: h.Log, Now: h.Now,
		Scheme: h.Links.Scheme, Port: h.Links.Port, Proxies: h.Config.TrustedProxies(), Busy: 4 * h.Config.Connections,
		FirmAt: h.firmAt, Load: h.load, Preview: h.preview, Touch: touch, Allow: limits.allow, Frame: h.frame,
		Streams: &web.Streams{Listen: h.Bell.Listen},
		Prepare: func(ctx context.Context) context.Context { return outbox.WithBell(ctx, h.Bell) },
	}
	h.metrics = h.newMetrics()
	h.Web.Observe = h.metrics.observeRequest
	h.Post.Count = func(kind, outcome string) { h.metrics.mails.WithLabelValues(kind, outcome).Inc() }
	h.Web.Open()
	for _, group := range h.Groups() {
		h.Web.Add(group.Module, group.Prefix, group.Routes...)
	}
	h.Web.Close()
}

// Group is a set of routes below one prefix.
type Group struct {
	Module, Prefix string
	Routes         []web.Route
}

// Groups are all routes of the program, as data: `portico routes` prints them, the tests ask each the same questions.
func (h *Host) Groups() []Group {
	groups := []Group{
		{"", "", h.healthRoutes()},
		{"", "", h.door.Routes()},
		{"", "", h.bounceRoutes()},
		{"", "", h.replyRoutes()},
		{"", "", h.appRoutes()},
		{"", "", []web.Route{
			web.Get("/live", access.Session, (*web.Request).Live),
			web.Get(web.LivePreview, access.Session, (*web.Request).Live),
			web.Get("/theme/:file", access.Public, theme),
			web.Get("/files/:file/:variant", access.Public, h.serveFile),
		}},
	}
	for _, m := range h.Catalog.Modules {
		portal, office := "/portal/:scope/"+m.ID, "/office/"+m.ID
		if m.ID == homeModule {
			portal, office = "/portal/:scope", "/office"
		}
		groups = append(groups,
			Group{m.ID, portal, m.Portal}, Group{m.ID, office, m.Office}, Group{m.ID, "/" + m.ID, m.Public}, Group{m.ID, "", m.Doors})
	}
	return groups
}

// theme serves a firm's colors; the address names color and content, so it is good for ever.
func theme(r *web.Request) error {
	color := "#" + strings.SplitN(r.Param("file"), ".", 2)[0]
	if !brand.Valid(color) || brand.URL(color) != "/theme/"+r.Param("file") {
		return fault.NotFound()
	}
	r.SetHeader("Cache-Control", "public, max-age=31536000, immutable")
	r.SetHeader("Content-Type", "text/css; charset=utf-8")
	return r.Bytes([]byte(brand.Stylesheet(color)))
}

// firmAt answers whom a host means; a former address of a firm sends its visitors on.
func (h *Host) firmAt(ctx context.Context, host string) (firm uuid.UUID, moved string, err error) {
	place, err := h.Firms.ByHost(ctx, host)
	if place.Old {
		moved = h.Links.At(place.Host)
	}
	return place.Firm, moved, err
}

func (h *Host) load(ctx context.Context, tx bun.Tx, firm uuid.UUID, token string) (auth.Viewer, error) {
	var hash []byte
	if token != "" {
		hash = secret.Hash(token)
	}
	loaded, err := auth.Load(ctx, tx, firm, hash, h.Now())
	loaded.Session.Stale = loaded.TouchDue
	return loaded.Viewer, err
}

func (h *Host) preview(ctx context.Context, tx bun.Tx, staff auth.Viewer, token string) (auth.Viewer, bool, error) {
	return auth.LoadPreview(ctx, tx, staff, secret.Hash(token), h.Now())
}

func touch(ctx context.Context, tx bun.Tx, v auth.Viewer) error {
	if v.ViewAs != uuid.Nil {
		return auth.TouchPreview(ctx, tx, v)
	}
	_, err := auth.Touch(ctx, tx, v)
	return err
}

// room lets the collector rest: a heap of a few megabytes would be collected again and again under load. It counts as
// used and takes no memory, for nobody writes to it; made first, it comes from pages that nobody has used either.
var room = make([]byte, 32<<20)

// Serve answers until ctx ends, then drains: not ready first, so that proxies turn away, then the answers under way.
func (h *Host) Serve(ctx context.Context, l net.Listener) error {
	defer runtime.KeepAlive(room)
	failed := make(chan error, 1)
	go h.Bell.Run(ctx)
	go func() { failed <- h.Web.Listen(l) }()
	defer time.AfterFunc(time.Second, rest).Stop() // not at once: the first answers come first
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	h.drain()
	return h.Web.Shutdown(15 * time.Second)
}
