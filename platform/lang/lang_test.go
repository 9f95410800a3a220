package lang

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"portico/platform/day"
	"portico/platform/money"
)

func TestAReaderIsFoundByLocale(t *testing.T) {
	t.Parallel()
	for locale, code := range map[string]string{"": "en", "en-US": "en", "en-GB": "en", "de-AT": "de", "es-MX": "es", "fr-CA": "fr", "nl-NL": "en", "not a locale": "en", Accents: Accents, Mirrored: "ar"} {
		if r := Of(locale); r.Code != code {
			t.Errorf("%q: %s", locale, r.Code)
		}
	}
	for header, code := range map[string]string{"": "fr", "de-CH, en;q=0.5": "de", "nl, es;q=0.8, en;q=0.5": "es", "en-GB": "en", "x;q=wrong": "fr"} {
		if r := Accepted(header, "fr-FR"); r.Code != code {
			t.Errorf("%q: %s", header, r.Code)
		}
	}
}

// Templates are kept for every reader: nobody may think up readers without end, least of all a browser.
func TestReadersAreFew(t *testing.T) {
	t.Parallel()
	seen := map[*Reader]bool{}
	for _, code := range Codes() {
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				country := string(a) + string(b)
				for _, firm := range []string{"en-US", "de-AT", "en-" + country, ""} {
					seen[Accepted(code+"-"+country+"-u-co-phonebk, "+code+"-"+country+";q=0.5", firm)] = true
				}
				for _, more := range []string{"", "-1996", "-x-a" + country, "-u-nu-latn"} {
					seen[Of(code+"-"+country+more)] = true
				}
			}
		}
	}
	if len(seen) > 16 { // one is the language of tests, which only a test can set
		t.Errorf("%d readers", len(seen))
	}
	for _, c := range []struct{ header, firm, locale string }{
		{"es-AR", "en-US", "es-US"}, {"es-419,es;q=0.9", "en-CA", "es-ES"}, {"fr", "en-CA", "fr-CA"}, {"de-CH", "en-US", "de-DE"}, {"de", "de-AT", "de-AT"}, {"en-GB", "de-DE", "en-US"},
		{"de-" + strings.Repeat("x", 10_000), "en-GB", "en-GB"}, {"xx-\x00", "fr-FR", "fr-FR"}, {strings.Repeat("de,", 3000), "", "de-DE"},
	} {
		if got := Accepted(c.header, c.firm).Locale(); got != c.locale {
			t.Errorf("%.20q at a firm of %s: %s, want %s", c.header, c.firm, got, c.locale)
		}
	}
}

func TestArgumentsAreWrittenAsTheReaderDoes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 3, 16, 5, 0, 0, time.UTC)
	for locale, want := range map[string]string{
		"en-US": "Thu, Dec 3, 2026, 4:05 PM | $1,234.50 | 12,345 | Thu, Dec 3, 2026",
		"de-DE": "Do, 3. Dez 2026, 16:05 | 1.234,50 $ | 12.345 | Do, 3. Dez 2026",
		"fr-FR": "jeu 3 déc 2026, 16:05 | 1 234,50 $US | 12 345 | jeu 3 déc 2026",
		"es-ES": "jue, 3 dic 2026, 16:05 | 1234,50 US$ | 12.345 | jue, 3 dic 2026",
	} {
		r := Of(locale)
		got := r.Instant(at) + " | " + r.fill("%s | %s | %s", []any{money.Of(123450, "USD"), 12345, day.Of(at)})
		if clean := strings.NewReplacer("\u00a0", " ", "\u202f", " ", ".,", ",").Replace(got); clean != want {
			t.Errorf("%s: %s", locale, clean)
		}
	}
}

func TestTheLanguageOfTestsShowsWhatIsAMessage(t *testing.T) {
	t.Parallel()
	r := Of(Accents)
	if got := r.Say("Due %s, or %[2]s: 100%%", "Friday", Text("later")); got != "⟦Düé Friday, ör ⟦látér⟧: 100%⟧" {
		t.Error(got)
	}
	if got := r.Count(2, "%s file", "%s files"); got != "⟦2 fíléš⟧" && got != "⟦2 fílés⟧" {
		t.Error(got)
	}
	if Of(Mirrored).Dir != "rtl" {
		t.Error("it is read from the left")
	}
}

var verb = regexp.MustCompile(`%(\[\d\])?s`)

// A translation must have a place for each argument, and only for these.
func TestTranslationsHaveTheArgumentsOfTheirMessage(t *testing.T) {
	t.Parallel()
	for _, code := range Codes()[1:] {
		for words, said := range catalogs()[code] {
			want := len(verb.FindAllString(words, -1))
			for _, form := range []string{said.other, said.one} {
				if form == "" && said.other != "" {
					continue
				}
				places := verb.FindAllString(form, -1)
				if n := len(places); n != want && (form != said.one || n != want-1) || form == "" {
					t.Errorf("%s: %q is %q", code, words, form)
				}
				if indexed := strings.Count(form, "%["); indexed != 0 && indexed != len(places) {
					t.Errorf("%s: %q numbers some of its arguments: %q", code, words, form)
				}
			}
		}
	}
}

func TestWhatSeveralReadIsInTheLanguageThatTheyShare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		firm, locales, want string
	}{
		{"en-US", "", "en-US"}, {"de-AT", "", "de-AT"}, {"en-US", "es-MX", "es-MX"}, {"en-US", "es-MX es-ES", "es-MX"}, {"en-US", "es-MX de-DE", "en-US"},
		{"de-DE", "es-MX fr-FR", "en-US"}, {"en-CA", "fr-CA en-CA", "en-CA"}, {"de-DE", "- de-AT", "de-DE"}, {"en-US", "- de-AT", "en-US"},
	} {
		var locales []string
		for _, locale := range strings.Fields(c.locales) {
			locales = append(locales, strings.TrimPrefix(locale, "-"))
		}
		if got := Shared(c.firm, locales...).Locale(); got != c.want {
			t.Errorf("%q at a firm of %s: %s, want %s", c.locales, c.firm, got, c.want)
		}
	}
}
