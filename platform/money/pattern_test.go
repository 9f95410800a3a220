package money

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/bojanz/currency"
)

// TestPatternsWriteWhatTheLibraryWrites: every currency in locales with all kinds of groups, signs and places of the symbol.
func TestPatternsWriteWhatTheLibraryWrites(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	learned := 0
	for _, locale := range []string{
		"en-US", "en-GB", "en-IN", "en-CA", "de", "de-CH", "de-AT", "fr", "fr-CH", "fr-CA", "es", "es-MX", "es-AR", "pt", "pt-PT", "pl", "it", "nl", "sv",
		"nb", "da", "fi", "cs", "hu", "ru", "uk", "tr", "he", "ar", "ar-EG", "fa", "hi", "bn", "ja", "zh-Hans", "ko", "th", "vi", "el", "bg", "lv", "et", "xx", "",
	} {
		f := currency.NewFormatter(currency.NewLocale(locale))
		for _, code := range currency.GetCurrencyCodes() {
			if patternOf(locale, code) != nil {
				learned++
			}
			for range 8 {
				a := Amount{random.Int64N(1<<(1+random.Uint64N(62))) * (1 - 2*random.Int64N(2)), code}
				if got, want := a.Format(locale), byLibrary(a, f); got != want {
					t.Fatalf("%s in %s: %q, the library writes %q", a.Plain(), locale, got, want)
				}
			}
			for _, minor := range []int64{math.MinInt64, math.MaxInt64, 999, 1000, 9999, 10000, 99999, 100000} {
				a := Amount{minor, code}
				if got, want := a.Format(locale), byLibrary(a, f); got != want {
					t.Fatalf("%s in %s: %q, the library writes %q", a.Plain(), locale, got, want)
				}
			}
		}
	}
	t.Log(learned, "patterns")
	if patternOf("en-US", "USD") == nil || patternOf("de", "EUR") == nil || patternOf("en-IN", "INR") == nil {
		t.Error("what is written most is not written by a pattern")
	}
}

func BenchmarkFormat(b *testing.B) {
	a := Of(123456789, "USD")
	f := currency.NewFormatter(currency.NewLocale("en-US"))
	b.Run("pattern", func(b *testing.B) {
		for b.Loop() {
			_ = a.Format("en-US")
		}
	})
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			_ = byLibrary(a, f)
		}
	})
}
