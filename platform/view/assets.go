package view

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// Assets are the files under /assets: joined, hashed by content and named by hash, so that they never go stale.
type Assets struct {
	byURL  map[string]*Asset
	byName map[string]*Asset

	said    map[string]bool   // the messages of scripts
	counted map[string]string // and those that are counted: several -> one
}

// Asset is one file.
type Asset struct {
	URL, Media string
	Body       []byte
	once       sync.Once
	brotli     []byte
	gzip       []byte
}

// NewAssets reads views/assets and the icons. It joins views/assets/css/*.css, in the order of their names, and each
// module's style.css into one app.css, and views/assets/js/*.js into one app.js. A module's page.css comes with its own
// pages alone, as section/<id>.css.
func NewAssets(shared fs.FS, modules map[string]fs.FS) (*Assets, error) {
	a := &Assets{byURL: map[string]*Asset{}, byName: map[string]*Asset{}}
	files := map[string][]byte{}
	err := fs.WalkDir(shared, "assets", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(shared, file)
		files[strings.TrimPrefix(file, "assets/")] = body
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	if sprite, err := fs.ReadFile(shared, "icons/sprite.svg"); err == nil {
		files["sprite.svg"] = sprite
	}
	for id, folder := range modules {
		if folder == nil {
			continue
		}
		if style, err := fs.ReadFile(folder, "page.css"); err == nil {
			files["section/"+id+".css"] = style
		}
	}
	css, script := joinCSS(files, modules), join(files, "js/")
	for _, name := range sortedKeys(files) {
		a.add(name, files[name])
	}
	// last, for they name others by their hashes
	a.add("app.css", a.rewrite(css))
	a.add("app.js", a.rewrite(script))
	return a, a.speak()
}

// join takes the files of a folder out, and puts them together in the order of their names.
func join(files map[string][]byte, folder string) []byte {
	var all bytes.Buffer
	for _, name := range sortedKeys(files) {
		if strings.HasPrefix(name, folder) {
			all.Write(files[name])
			all.WriteByte('\n')
			delete(files, name)
		}
	}
	return all.Bytes()
}

func joinCSS(files map[string][]byte, modules map[string]fs.FS) []byte {
	css := join(files, "css/")
	for _, id := range sortedKeys(modules) {
		if modules[id] == nil {
			continue
		}
		if style, err := fs.ReadFile(modules[id], "style.css"); err == nil {
			css = append(append(css, style...), '\n')
		}
	}
	return css
}

var assetURL = regexp.MustCompile(`/assets/([A-Za-z0-9_./-]+\.[a-z0-9]+)`)

// rewrite turns "/assets/fonts/x.woff2" into its hashed address.
func (a *Assets) rewrite(body []byte) []byte {
	return assetURL.ReplaceAllFunc(body, func(found []byte) []byte {
		if asset, ok := a.byName[strings.TrimPrefix(string(found), "/assets/")]; ok {
			return []byte(asset.URL)
		}
		return found
	})
}

func (a *Assets) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	url := "/assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext
	asset := &Asset{URL: url, Media: media(ext), Body: body}
	a.byName[name], a.byURL[url] = asset, asset
}

func media(ext string) string {
	switch ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".webmanifest":
		return "application/manifest+json"
	}
	return cmp.Or(mime.TypeByExtension(ext), "application/octet-stream")
}

// URL gives the address of an asset by its name: "app.css", "js/app.js". An unknown name is an error, at boot or in a test.
func (a *Assets) URL(name string) (string, error) {
	asset, ok := a.byName[name]
	if !ok {
		return "", fmt.Errorf("asset %q does not exist", name)
	}
	return asset.URL, nil
}

// OfSection is the address of what the pages of a module look like beside all others; "" for nothing.
func (a *Assets) OfSection(id string) string {
	if asset, ok := a.byName["section/"+id+".css"]; ok {
		return asset.URL
	}
	return ""
}

// At gives the asset at an address.
func (a *Assets) At(url string) (*Asset, bool) {
	asset, ok := a.byURL[url]
	return asset, ok
}

// Names lists all assets.
func (a *Assets) Names() []string { return sortedKeys(a.byName) }

// Funcs are the template functions that name assets.
func (a *Assets) Funcs() template.FuncMap {
	return template.FuncMap{"asset": a.URL, "icon": a.icon, "scriptwords": a.Words}
}

// icon draws one symbol of the sprite. Its name comes from templates and manifests, never from people.
func (a *Assets) icon(name string) (template.HTML, error) {
	sprite, err := a.URL("sprite.svg")
	if err != nil {
		return "", err
	}
	return template.HTML(`<svg class="icon" aria-hidden="true" focusable="false"><use href="` + sprite + `#i-` + //nolint:gosec
		template.HTMLEscapeString(name) + `"></use></svg>`), nil
}

// Encoded gives the body in the best encoding that the browser takes: "br", "gzip" or "". It is packed at the first
// request and kept.
func (s *Asset) Encoded(accept string) (body []byte, encoding string) {
	if len(s.Body) < 512 || s.Media == "font/woff2" || strings.HasPrefix(s.Media, "image/") && s.Media != "image/svg+xml" {
		return s.Body, ""
	}
	s.once.Do(s.pack)
	switch {
	case strings.Contains(accept, "br"):
		return s.brotli, "br"
	case strings.Contains(accept, "gzip"):
		return s.gzip, "gzip"
	}
	return s.Body, ""
}

func (s *Asset) pack() {
	var b, g bytes.Buffer
	level := brotli.BestCompression // what every first page needs is packed as small as can be; it takes a tenth of a second
	if len(s.Body) > 256<<10 {
		level = 9
	}
	bw := brotli.NewWriterLevel(&b, level)
	_, _ = bw.Write(s.Body)
	_ = bw.Close()
	gw, _ := gzip.NewWriterLevel(&g, gzip.BestCompression)
	_, _ = gw.Write(s.Body)
	_ = gw.Close()
	s.brotli, s.gzip = b.Bytes(), g.Bytes()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
