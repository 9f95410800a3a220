package host

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"strings"
	"sync"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/brand"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/lang"
	"portico/platform/view"
	"portico/platform/web"
)

// A firm's portal can be put among the programs of a phone or a computer: a manifest, icons drawn from the firm's logo or
// letters, and a service worker that shows a page of its own where there is no network, and messages that were pushed.

func (h *Host) appRoutes() []web.Route {
	icons := &icons{drawn: map[string][]byte{}}
	return []web.Route{
		web.Get("/app.webmanifest", access.Public, manifest),
		web.Get("/app/:edition/:icon", access.Public, func(r *web.Request) error { return h.appIcon(r, icons) }),
		web.Get("/offline", access.Public, h.offline),
		web.Get("/sw.js", access.Public, h.serviceWorker),
		web.Post("/push/claim", access.Session, claimDevice).BeyondPreview(),
		web.Post("/push/renewal", access.Session, h.renewDevice).BeyondPreview(),
	}
}

// shape is one of the icons.
type shape struct {
	size  int
	whole bool
}

var shapes = map[string]shape{"192.png": {192, false}, "512.png": {512, false}, "whole-512.png": {512, true}, "touch.png": {180, true}}

// iconURL names an icon by what it shows, so that it never goes stale.
func iconURL(f auth.Firm, name string) string { return "/app/" + edition(f) + "/" + name }

func edition(f auth.Firm) string {
	sum := sha256.Sum256([]byte("1 " + f.LogoID.String() + f.BrandColor + view.Initials(f.Name)))
	return hex.EncodeToString(sum[:6])
}

type manifestIcon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

func manifest(r *web.Request) error {
	f := r.Firm()
	color, reader := brand.Of(f.BrandColor).Light.Brand, lang.Of(f.Locale)
	body, err := json.Marshal(map[string]any{
		"id": "/", "name": f.Name, "short_name": shortName(f.Name), "start_url": "/", "scope": "/", "display": "standalone",
		"lang": reader.Code, "dir": reader.Dir, "theme_color": color, "background_color": pageLight, "categories": []string{"business"},
		"icons": []manifestIcon{
			{iconURL(f, "192.png"), "192x192", "image/png", "any"},
			{iconURL(f, "512.png"), "512x512", "image/png", "any"},
			{iconURL(f, "whole-512.png"), "512x512", "image/png", "maskable"},
		},
	})
	if err != nil {
		return err
	}
	r.SetHeader("Content-Type", "application/manifest+json")
	r.SetHeader("Cache-Control", "public, max-age=600")
	return r.Bytes(body)
}

// pageLight is the ground of pages by day, as tokens.css has it.
const pageLight = "#fbfaf8"

// shortName stands below an icon, where there is room for about twelve characters.
func shortName(name string) string {
	if len([]rune(name)) <= 12 {
		return name
	}
	short := ""
	for _, word := range strings.Fields(name) {
		if longer := strings.TrimSpace(short + " " + word); len([]rune(longer)) <= 12 || short == "" {
			short = longer
			continue
		}
		break
	}
	if runes := []rune(short); len(runes) > 12 {
		return string(runes[:12])
	}
	return short
}

// icons keeps what was drawn: an icon costs a few milliseconds.
type icons struct {
	mu    sync.Mutex
	drawn map[string][]byte
}

const mostIcons = 200 // a few KB each

func (h *Host) appIcon(r *web.Request, kept *icons) error {
	shape, known := shapes[r.Param("icon")]
	f := r.Firm()
	if !known || r.Param("edition") != edition(f) {
		return fault.NotFound()
	}
	key := f.ID.String() + r.Param("edition") + r.Param("icon")
	kept.mu.Lock()
	body := kept.drawn[key]
	kept.mu.Unlock()
	if body == nil {
		icon := brand.Icon{Size: shape.size, Whole: shape.whole, Color: f.BrandColor, Letters: view.Initials(f.Name)}
		if logo, _, err := h.Library.Read(r.Context(), f.ID, f.LogoID, "medium"); err == nil {
			icon.Logo, _, _ = image.Decode(bytes.NewReader(logo)) // made by ourselves: JPEG or PNG
		}
		var err error
		if body, err = icon.PNG(); err != nil {
			return err
		}
		kept.mu.Lock()
		if len(kept.drawn) >= mostIcons {
			clear(kept.drawn)
		}
		kept.drawn[key] = body
		kept.mu.Unlock()
	}
	r.SetHeader("Content-Type", "image/png")
	r.SetHeader("Cache-Control", "public, max-age=31536000, immutable")
	return r.Bytes(body)
}

type offlineView struct {
	Firm      web.ShellFirm
	Lang, Dir string
}

func (h *Host) drawOffline(r *web.Request) ([]byte, error) {
	if language := r.Query("reads"); language != "" { // of the pages from which the service worker came, which need not be the browser's
		r.Here().Accept(language)
	}
	f, reader := r.Firm(), r.Here().Reader()
	page, err := r.Drawn(web.Draw("offline", offlineView{web.ShellFirm{
		Name: f.Name, Email: f.Email, Phone: f.Phone, LogoURL: files.URL(f.LogoID, "medium"), ThemeURL: brand.URL(f.BrandColor),
	}, reader.Code, reader.Dir}))
	return []byte(page), err
}

// offline is kept by the service worker in the language of the pages around it, and shows nothing of anybody.
func (h *Host) offline(r *web.Request) error {
	body, err := h.drawOffline(r)
	if err != nil {
		return err
	}
	r.SetHeader("Content-Type", "text/html; charset=utf-8")
	return r.Bytes(body)
}

// serviceWorker is the same for everybody but for its first line: when the offline page changes, browsers fetch it anew.
func (h *Host) serviceWorker(r *web.Request) error {
	page, err := h.drawOffline(r)
	if err != nil {
		return err
	}
	url, err := h.Assets.URL("sw.js")
	if err != nil {
		return err
	}
	asset, found := h.Assets.At(url)
	if !found {
		return fault.NotFound()
	}
	sum := sha256.Sum256(page)
	house, err := json.Marshal(map[string]string{"edition": hex.EncodeToString(sum[:6]), "icon": iconURL(r.Firm(), "192.png"), "name": r.Firm().Name})
	if err != nil {
		return err
	}
	r.SetHeader("Content-Type", asset.Media)
	r.SetHeader("Cache-Control", "no-cache")
	return r.Bytes(append(append([]byte("self.house = "), append(house, ";\n"...)...), asset.Body...))
}
