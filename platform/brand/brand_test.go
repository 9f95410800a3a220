package brand

import (
	"math/rand/v2"
	"testing"
)

func TestEveryColorCanBeRead(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	colors := []string{"#000000", "#ffffff", "#777777", "#808080", "#ffff00", "#ff0000", "#0000ff", Default}
	for range 2000 {
		colors = append(colors, rgb{r.Float64(), r.Float64(), r.Float64()}.hex())
	}
	for _, color := range colors {
		c := Of(color)
		check := func(what, a, b string) {
			x, _ := parse(a)
			y, _ := parse(b)
			if ratio := contrast(x, y); ratio < AA {
				t.Errorf("%s: %s: %s on %s has %.2f", color, what, a, b, ratio)
			}
		}
		check("light button", c.Light.Ink, c.Light.Brand)
		check("dark button", c.Dark.Ink, c.Dark.Brand)
		check("light text", c.Light.Strong, lightPage.hex())
		check("dark text", c.Dark.Strong, darkPage.hex())
	}
}

func TestAGoodColorStaysAsItWasChosen(t *testing.T) {
	if c := Of("#0b6e4f"); c.Light.Brand != "#0b6e4f" {
		t.Errorf("moved to %s", c.Light.Brand)
	}
}

func TestAnUnreadableColorCountsAsTheDefault(t *testing.T) {
	for _, text := range []string{"", "red", "#fff", "#gggggg", "#3b5b4f;}"} {
		if c := Of(text); c.Base != Default {
			t.Errorf("%q gives %s", text, c.Base)
		}
		if URL(text) != URL(Default) {
			t.Errorf("%q has an address of its own", text)
		}
	}
}
