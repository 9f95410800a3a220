package profile_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"portico/modules/profile"
	"portico/platform/portaltest"
	"portico/platform/push/pushtest"
)

var reachable = map[string]string{"PORTICO_PUSH_PRIVATE": "yes"}

func subscribed(b *pushtest.Browser) url.Values {
	return url.Values{"endpoint": {b.Endpoint}, "p256dh": {b.P256dh}, "auth": {b.Auth}}
}

func TestMessagesOnOnesDevices(t *testing.T) {
	site, service := portaltest.Configured(t, reachable, profile.Module), pushtest.Open(t)
	key := site.Push.PublicKey()
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		phone := service.Subscribe(key)
		page := "/portal/all/profile/push"
		ana.Open("/portal/all/profile").Follow("Choose devices").Sees(t, "Messages on your devices", "will be listed here")
		if a := ana.Post(page, url.Values{"endpoint": {"http://127.0.0.1/"}}); a.Status != 422 || !strings.Contains(string(a.Body), "did not say how it can be reached") {
			t.Fatalf("no subscription: %d", a.Status)
		}
		ana.Post(page, subscribed(phone))
		ana.Open(page).Sees(t, "Here", "nothing sent yet").Press("Try it").Sees(t, "The message is on its way.")
		site.Settle(t)
		got := phone.Got()
		if len(got) != 1 || got[0].Path != page || got[0].Body != "This is how messages look on this device." {
			t.Fatalf("%+v", got)
		}
		ana.Open(page).SeesNot(t, "nothing sent yet").Press("Remove").Sees(t, "That device is told nothing more.", "will be listed here")
	})
	maria := site.As("maria")
	desk := service.Subscribe(key)
	maria.Post("/office/profile/push", subscribed(desk))
	maria.Open("/office/profile/push").Sees(t, "Here").Press("Try it")
	if tables := unzip(t, maria.Get("/office/profile/export.zip").Body); !strings.Contains(string(tables["message_devices.csv"]), "browser,created_at") {
		t.Error("the copy of the own data says nothing of the devices")
	}
	tom := site.As("tom")
	device := text(t, site, "select id::text from push_device")
	for _, path := range []string{"/portal/all/profile/push/" + device + "?_method=DELETE", "/portal/all/profile/push/" + device + "/test"} {
		if a := tom.Post(path, nil); a.Status != 404 {
			t.Errorf("%s of another: %d", path, a.Status)
		}
	}
	if a := tom.Post("/push/claim", url.Values{"endpoint": {"https://push.example/"}}); string(a.Body) != `{"known":false}` {
		t.Errorf("claim: %d %s", a.Status, a.Body)
	}
	moved := service.Subscribe(key)
	renewal := subscribed(moved)
	renewal.Set("old", desk.Endpoint)
	if a := maria.Post("/push/renewal", renewal); a.Status != 204 {
		t.Errorf("renewal: %d", a.Status)
	}
	maria.Open("/office/profile/push").Press("Try it")
	site.Settle(t)
	if len(desk.Got()) > 1 || len(moved.Got()) == 0 {
		t.Errorf("moved from %d to %d messages", len(desk.Got()), len(moved.Got()))
	}
	maria.Open("/office/profile").Press("Sign out")
	if left := text(t, site, "select count(*)::text from push_device"); left != "0" {
		t.Errorf("after signing out %s devices are left", left)
	}
	if a := maria.Post("/office/profile/push", subscribed(desk)); a.Status/100 == 2 && text(t, site, "select count(*)::text from push_device") != "0" {
		t.Errorf("a stranger's device is kept: %d", a.Status)
	}
}

// TestThePortalIsAProgram: manifest, icons, the offline page and the service worker are there for everybody, and say nothing
// of anybody.
func TestThePortalIsAProgram(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	stranger := site.Stranger()
	var m struct {
		ID, Name, Display, Scope string
		ShortName                string `json:"short_name"`
		StartURL                 string `json:"start_url"`
		Theme                    string `json:"theme_color"`
		Icons                    []struct{ Src, Sizes, Purpose, Type string }
	}
	a := stranger.Get("/app.webmanifest")
	if err := json.Unmarshal(a.Body, &m); err != nil || a.Header.Get("Content-Type") != "application/manifest+json" {
		t.Fatalf("%v, %s", err, a.Header.Get("Content-Type"))
	}
	if m.Name != "Northgate Builders" || m.ShortName != "Northgate" || m.Display != "standalone" || m.StartURL != "/" || m.Scope != "/" || len(m.Icons) != 3 || m.Theme == "" {
		t.Errorf("%+v", m)
	}
	touch := regexp.MustCompile(`rel="apple-touch-icon" href="([^"]+)"`).FindStringSubmatch(string(stranger.Get("/sign-in").Body))
	if touch == nil {
		t.Fatal("pages name no icon")
	}
	sizes := map[string]string{touch[1]: "180x180"}
	for _, icon := range m.Icons {
		sizes[icon.Src] = icon.Sizes
	}
	for src, want := range sizes {
		a := stranger.Get(src)
		picture, err := png.Decode(bytes.NewReader(a.Body))
		if err != nil {
			t.Errorf("%s: %d, %v", src, a.Status, err)
			continue
		}
		if got := picture.Bounds().Max; strings.Split(want, "x")[0] != strconv.Itoa(got.X) || got.X != got.Y {
			t.Errorf("%s is %v, want %s", src, got, want)
		}
		if _, _, _, alpha := picture.At(0, 0).RGBA(); (alpha == 0) == (strings.Contains(src, "whole") || strings.Contains(src, "touch")) {
			t.Errorf("the corner of %s has an alpha of %d", src, alpha)
		}
		if oneColor(picture) {
			t.Errorf("%s shows nothing", src)
		}
		if !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s is kept as %q", src, a.Header.Get("Cache-Control"))
		}
	}
	if a := stranger.Get("/app/000000000000/192.png"); a.Status != 404 {
		t.Errorf("an icon of another edition: %d", a.Status)
	}
	worker := site.As("ana").Get("/sw.js")
	page := string(site.As("ana").Get("/offline").Body)
	if !strings.HasPrefix(string(worker.Body), `self.house = {"edition":"`) || !strings.Contains(worker.Header.Get("Content-Type"), "javascript") {
		t.Errorf("%s: %.80s", worker.Header.Get("Content-Type"), worker.Body)
	}
	for _, word := range []string{"Ana", "Hart", "csrf", "app.js"} {
		if strings.Contains(page, word) {
			t.Errorf("the offline page says %q", word)
		}
	}
	if page != string(stranger.Get("/offline").Body) || !strings.Contains(page, "Northgate Builders") {
		t.Error("the offline page is not the same for everybody")
	}
	before := worker.Body
	if _, err := site.DB(t).ExecContext(t.Context(), "update firm set name = '北門工務店' where key = 'demo'"); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(before, stranger.Get("/sw.js").Body) {
		t.Error("a firm has another name, and browsers keep the old page")
	}
	if err := json.Unmarshal(stranger.Get("/app.webmanifest").Body, &m); err != nil || m.Name != "北門工務店" {
		t.Errorf("%v %q", err, m.Name)
	}
	for _, icon := range m.Icons { // no font of ours has these letters: the house stands there
		picture, err := png.Decode(bytes.NewReader(stranger.Get(icon.Src).Body))
		if err != nil || oneColor(picture) {
			t.Errorf("%s: %v", icon.Src, err)
		}
	}
}

func oneColor(p image.Image) bool {
	middle := p.Bounds().Max.Div(2)
	first := p.At(middle.X, middle.Y)
	for x := p.Bounds().Max.X / 5; x < p.Bounds().Max.X*4/5; x++ {
		for y := p.Bounds().Max.Y / 5; y < p.Bounds().Max.Y*4/5; y++ {
			if p.At(x, y) != first {
				return false
			}
		}
	}
	return true
}
