package modules_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"portico/platform/module"
	"portico/views"
)

var (
	classInCSS  = regexp.MustCompile(`\.([a-z][a-z0-9-]+)`)
	sectionLink = regexp.MustCompile(`/assets/section/([a-z]+)\.`)
)

// ofPages are the classes that only a module's page.css knows, with the module. What stands on the pages of others must
// be in style.css: page.css is not there.
func ofPages(t testing.TB) map[string]string {
	t.Helper()
	everywhere, own := map[string]bool{}, map[string]string{}
	err := fs.WalkDir(views.FS, "assets/css", func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			for _, class := range classesOf(t, views.FS, file) {
				everywhere[class] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range module.All() {
		for _, class := range classesOf(t, m.Views, "style.css") {
			everywhere[class] = true
		}
	}
	for _, m := range module.All() {
		for _, class := range classesOf(t, m.Views, "page.css") {
			if !everywhere[class] && strings.Contains(class, "-") { // a single word stands within something that is named
				own[class] = m.ID
			}
		}
	}
	return own
}

func classesOf(t testing.TB, folder fs.FS, file string) (classes []string) {
	t.Helper()
	if folder == nil {
		return nil
	}
	css, err := fs.ReadFile(folder, file)
	if err != nil {
		return nil // it has none
	}
	for _, found := range classInCSS.FindAllStringSubmatch(string(css), -1) {
		classes = append(classes, found[1])
	}
	return classes
}

// unstyled are the classes of a whole page whose looks it does not load.
func unstyled(own map[string]string, page string, doc *html.Node) (bare []string) {
	linked := map[string]bool{}
	for _, found := range sectionLink.FindAllStringSubmatch(page, -1) {
		linked[found[1]] = true
	}
	told := map[string]bool{}
	for n := range doc.Descendants() {
		for _, class := range strings.Fields(attrOf(n, "class")) {
			if of := own[class]; of != "" && !linked[of] && !told[class] {
				told[class] = true
				bare = append(bare, class)
			}
		}
	}
	return bare
}
