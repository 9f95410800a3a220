// Package host joins the rooms: it opens the stores, mounts the modules, and builds the web app and the job table.
package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/uptrace/bun"

	"portico/migrations"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/auth/sso"
	"portico/platform/bounce"
	"portico/platform/config"
	"portico/platform/db"
	"portico/platform/domain"
	"portico/platform/door"
	"portico/platform/fact"
	"portico/platform/files"
	"portico/platform/firm"
	"portico/platform/inbound"
	"portico/platform/job"
	"portico/platform/live"
	"portico/platform/mail"
	"portico/platform/module"
	"portico/platform/notice"
	"portico/platform/port"
	"portico/platform/post"
	"portico/platform/push"
	"portico/platform/secret"
	"portico/platform/signet"
	"portico/platform/view"
	"portico/platform/web"
	"portico/views"
)

// Options are what differs between the program and a test.
type Options struct {
	Config    *config.Config
	Log       *slog.Logger
	Now       func() time.Time
	Key       secret.Key
	Signet    signet.Signet
	Transport mail.Transport
	Mailbox   *mail.Mailbox // what the mailbox viewer shows; nil: there is none
	Modules   []module.Module
	Look      *Look // what several houses with the same modules share in one process; nil: this one makes its own
}

// Look is how pages are drawn: it depends on the program alone, and is never changed.
type Look struct {
	Views  *view.Engine
	Assets *view.Assets
}

// OpenLook parses the templates and reads the assets of the house and of its modules.
func OpenLook(modules []module.Module) (*Look, error) {
	folders := map[string]fs.FS{}
	for _, m := range modules {
		folders[m.ID] = m.Views
	}
	assets, err := view.NewAssets(views.FS, folders)
	if err != nil {
		return nil, err
	}
	engine, err := view.New(views.FS, folders, assets.Funcs())
	return &Look{Views: engine, Assets: assets}, err
}

// Host is the joined house. Opening it does no I/O; stores are reached when they are used.
type Host struct {
	Options
	Pool, Ops *bun.DB
	Redis     redis.UniversalClient
	Store     files.Store
	Library   *files.Library
	Activity  *activity.Log
	Bell      *live.Bell
	Bus       *fact.Bus
	Board     *port.Board
	Post      *post.Box
	Notices   *notice.Desk
	Firms     *firm.Directory
	Views     *view.Engine
	Assets    *view.Assets
	Catalog   *module.Catalog
	Web       *web.App
	Jobs      []job.Handler

	Links firm.Links

	Bounces *bounce.Desk
	Replies *inbound.Desk
	Push    *push.Desk

	notes   *bun.DB // for what outlives the transaction of a job
	sso     *sso.Desk
	door    *door.Door
	metrics *metrics
	drain   func()
}

// Open builds the house.
func Open(o Options) (h *Host, err error) {
	h = &Host{Options: o, Bus: fact.NewBus(), Board: port.NewBoard()}
	if err := h.openStores(); err != nil {
		return nil, err
	}
	if err := h.openViews(); err != nil {
		return nil, err
	}
	if err := h.mount(); err != nil {
		return nil, err
	}
	h.openWeb()
	return h, nil
}

func (h *Host) openStores() (err error) {
	c := h.Config
	if h.Pool, err = db.Open(c.DatabaseURL, db.Options{Role: db.App, MaxConns: c.Connections}); err != nil {
		return err
	}
	if h.Ops, err = db.Open(c.DatabaseURL, db.Options{Role: db.Ops, MaxConns: 4}); err != nil {
		return err
	}
	if h.notes, err = db.Open(c.DatabaseURL, db.Options{Role: db.App, MaxConns: 4}); err != nil {
		return err
	}
	options, err := redis.ParseURL(c.RedisURL)
	if err != nil {
		return fmt.Errorf("REDIS_URL: want redis://host:6379/0 or unix:///path: %w", err)
	}
	options.DialTimeout, options.ReadTimeout, options.MaxRetries = 2*time.Second, 5*time.Second, 1
	redis.SetLogger(redisLog{h.Log})
	h.Redis = redis.NewClient(options)
	h.Bell = live.New(h.Redis, h.Log)
	h.Activity = &activity.Log{Pool: h.Pool, Ops: h.Ops, Key: h.Key, Bell: h.Bell, Log: h.Log}
	if h.Store, err = files.Open(c.Files()); err != nil {
		return err
	}
	h.Library = &files.Library{Store: h.Store, Quota: int64(c.Quota) << 30}
	if h.Library.Scanner, err = files.OpenScanner(c.Clamd); err != nil {
		return fmt.Errorf("PORTICO_CLAMD: %w", err)
	}
	h.Firms = firm.NewDirectory(h.Pool, firm.Hosts{Base: c.BaseHost(), Own: c.OwnHosts(), MainFirm: c.MainFirm})
	h.Push = (&push.Desk{
		Key: h.Key, Contact: c.PushFrom(), Off: c.Push == "no", Private: c.PushPrivate == "yes", Now: h.Now, Log: h.Log,
	}).Open()
	h.Links = firm.Links{Scheme: c.Scheme(), Port: c.PublicPort(), Directory: h.Firms}
	return nil
}

func (h *Host) openViews() error {
	composer, err := mail.OpenComposer(views.FS)
	if err != nil {
		return err
	}
	h.Post = &post.Box{Transport: h.Transport, Composer: composer, From: h.Config.From(), Logo: h.logo, Log: h.Log, Notes: h.notes}
	h.Bounces = &bounce.Desk{Pool: h.Pool, Ops: h.Ops, Secret: h.Config.BounceKey, Now: h.Now, Log: h.Log}
	if h.Config.BounceTo != "" {
		h.Bounces.Address = bounce.OpenAddress(h.Config.BounceTo, h.Key)
		h.Post.Return = h.Bounces.Address.For
	}
	h.Replies = &inbound.Desk{Secret: h.Config.ReplyKey, DNS: domain.DNS{Server: h.Config.DNS}, Relay: h.Config.ReplyRelay, Log: h.Log}
	if h.Config.ReplyTo != "" {
		h.Replies.Address = inbound.OpenAddress(h.Config.ReplyTo, h.Key)
	}
	if h.Look == nil {
		if h.Look, err = OpenLook(h.Modules); err != nil {
			return err
		}
	}
	h.Views, h.Assets = h.Look.Views, h.Look.Assets
	return nil
}

// mount asks every module what it brings.
func (h *Host) mount() error {
	h.Catalog = &module.Catalog{}
	h.sso = sso.NewDesk(h.Key, h.Config.SSOPrivate == "yes", h.Now)
	var listeners []fact.Subscriber
	if err := h.openNotices(); err != nil {
		return err
	}
	platform := module.Platform{
		Pool: h.Pool, Bus: h.Bus, Board: h.Board, Files: h.Library, Post: h.Post, Notices: h.Notices, Firms: h.Firms, Links: h.Links, Bell: h.Bell,
		Ops: h.Ops, Key: h.Key, Signet: h.Signet, SSO: h.sso, Log: h.Log, Now: h.Now,
		Replies: h.Replies, Push: h.Push,
		DNS:     domain.DNS{Server: h.Config.DNS},
		Sandbox: h.Config.PracticeProvider(), Weather: h.Config.Weather,
		Catalog: func() *module.Catalog { return h.Catalog },
	}
	for _, m := range h.Modules {
		section, err := m.Mount(platform)
		if err != nil {
			return fmt.Errorf("mount %s: %w", m.ID, err)
		}
		if err := m.CheckDoors(section.Doors); err != nil {
			return err
		}
		h.Catalog.Modules = append(h.Catalog.Modules, module.Mounted{Module: m, Section: section})
		h.Jobs = append(h.Jobs, section.Jobs...)
		listeners = append(listeners, section.Subscribers...)
	}
	told, err := h.Bus.Seal(listeners)
	if err != nil {
		return err
	}
	h.door = h.newDoor()
	h.Notices.Unsubscribe = h.door.MailChoice
	h.Jobs = append(h.Jobs, told...)
	h.Jobs = append(h.Jobs, h.Library.Handlers()...)
	h.Jobs = append(h.Jobs, h.door.Jobs()...)
	h.Jobs = append(h.Jobs, h.Activity.Handlers()...)
	h.Jobs = append(h.Jobs, h.Notices.Handlers()...)
	h.Jobs = append(h.Jobs, h.Push.Handlers()...)
	_, err = job.NewTable(h.Jobs)
	return err
}

func (h *Host) newDoor() *door.Door {
	return &door.Door{
		Pool: h.Pool, Ops: h.Ops, Key: h.Key, Firms: h.Firms, Links: h.Links, Post: h.Post, Bus: h.Bus, Notices: h.Notices, SSO: h.sso, Log: h.Log, Now: h.Now, Mailbox: h.Mailbox,
	}
}

// Sources are all migrations: the platform's and each module's.
func (h *Host) Sources() []db.Source { return Sources(h.Modules) }

// Sources are all migrations of the platform and the given modules.
func Sources(modules []module.Module) []db.Source {
	sources := []db.Source{{Name: "platform", Schema: "public", FS: migrations.FS}}
	for _, m := range modules {
		sources = append(sources, db.Source{Name: m.ID, Schema: m.ID, FS: m.Migrations})
	}
	return sources
}

// Migrate brings the database up to date, as its owner.
func Migrate(ctx context.Context, url string, modules []module.Module) ([]string, error) {
	owner, err := db.Open(url, db.Options{MaxConns: 2})
	if err != nil {
		return nil, err
	}
	defer func() { _ = owner.Close() }()
	return db.Migrate(ctx, owner, Sources(modules))
}

// logo is the firm's mark as mails carry it.
func (h *Host) logo(ctx context.Context, f auth.Firm) (mail.Inline, bool) {
	body, kind, err := h.Library.Read(ctx, f.ID, f.LogoID, "thumb")
	if err != nil {
		return mail.Inline{}, false
	}
	return mail.Inline{CID: "logo", Type: string(kind), Data: body}, true
}

// Close lets go of the stores; what still runs is cut off.
func (h *Host) Close() error {
	return errors.Join(h.Pool.Close(), h.Ops.Close(), h.notes.Close(), h.Redis.Close())
}

// redisLog keeps the client's own remarks among ours: it would write to stderr by itself.
type redisLog struct{ log *slog.Logger }

func (l redisLog) Printf(_ context.Context, format string, args ...any) {
	l.log.Debug("redis", "says", fmt.Sprintf(format, args...))
}
