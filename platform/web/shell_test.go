package web

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"portico/platform/view"
	"portico/views"
)

// nasty is text that means something in HTML.
const nasty = `Ana's "A & B" <b>+1</b>` + "\x00"

func fullShell() Shell {
	item := NavItem{Title: "Clients " + nasty, Href: "/office/clients?q=" + nasty, Icon: "users", Badge: 2, Asks: true}
	return Shell{
		Lang: "en", Dir: "ltr", Theme: "dark", Side: "office", Title: nasty, CSRF: nasty, LiveURL: "/live", PageID: "clients-index",
		Firm: ShellFirm{Name: nasty, Key: "oak", LogoURL: "/files/1", ThemeURL: "/theme/1", TouchURL: "/app/1/touch.png", Email: "a@example.com", Phone: nasty},
		Nav:  []NavItem{item, item}, More: []NavItem{item}, Switch: []NavItem{item},
		Scope:   &ScopeMenu{Current: nasty, Items: []NavItem{item}},
		Person:  &ShellPerson{Name: nasty, Email: nasty, PhotoURL: "/files/2"},
		Bell:    &Bell{Href: "/portal/all/notices", Count: "3", Current: true},
		Banner:  &Banner{Kind: "demo", Text: nasty, Href: "/", Action: nasty},
		Content: view.Safe("<p>content</p>"),
	}
}

func TestAKeptShellIsWhatTheTemplateDraws(t *testing.T) {
	assets, err := view.NewAssets(views.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := view.New(views.FS, nil, assets.Funcs())
	if err != nil {
		t.Fatal(err)
	}
	var kept shells
	for _, side := range []string{"office", "portal", "stranger"} {
		for name, change := range map[string]func(*Shell){
			"full":              func(*Shell) {},
			"full again":        func(s *Shell) { s.Title, s.CSRF, s.PageID = "Other", "other", "other" },
			"without a title":   func(s *Shell) { s.Title = "" },
			"nobody's":          func(s *Shell) { s.CSRF, s.Person, s.Scope, s.Banner = "", nil, nil, nil },
			"with news":         func(s *Shell) { s.Toasts = []Toast{{"ok", nasty}} },
			"without a content": func(s *Shell) { s.Content = "" },
		} {
			s := fullShell()
			s.Side = side
			change(&s)
			var want bytes.Buffer
			if err := engine.Draw(&want, s.Side, s); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				var got bytes.Buffer
				if err := kept.draw(engine, &got, s); err != nil {
					t.Fatal(err)
				}
				if got.String() != want.String() {
					t.Errorf("%s, %s: drawn\n%s\nwant\n%s", side, name, got.String(), want.String())
				}
			}
		}
	}
}

// What a shell shows and its key leaves out would be shown to others.
func TestTheKeyOfAShellHoldsAllOfIt(t *testing.T) {
	known := map[string]string{fullShell().key(): "nothing"}
	s := fullShell()
	vary(reflect.ValueOf(&s).Elem(), "Shell", func(what string) {
		key := s.key()
		if same, twice := known[key]; twice && !strings.Contains(what, "Toasts") && !strings.Contains(what, "Content") {
			t.Errorf("changing %s leaves the key as changing %s does", what, same)
		}
		known[key] = what
	})
}

// vary changes one leaf after the other.
func vary(v reflect.Value, path string, changed func(string)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			vary(v.Field(i), path+"."+v.Type().Field(i).Name, changed)
		}
	case reflect.Slice:
		for i := range v.Len() {
			vary(v.Index(i), fmt.Sprintf("%s[%d]", path, i), changed)
		}
	case reflect.Pointer:
		vary(v.Elem(), path, changed)
		before := reflect.ValueOf(v.Interface())
		v.SetZero()
		changed(path)
		v.Set(before)
	case reflect.String:
		before := v.String()
		v.SetString(before + "?")
		changed(path)
		v.SetString(before)
	case reflect.Bool:
		v.SetBool(!v.Bool())
		changed(path)
		v.SetBool(!v.Bool())
	case reflect.Int:
		v.SetInt(v.Int() + 1)
		changed(path)
		v.SetInt(v.Int() - 1)
	}
}
