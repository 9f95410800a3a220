package paper

import "testing"

// TestEveryLetterHasAGlyph: text can be read out of a document that shows boxes. This looks at the glyphs themselves.
func TestEveryLetterHasAGlyph(t *testing.T) {
	for name, text := range map[string]string{
		"Latin": "Łukasz Żółć Ørsted Ștefan Țepeș Nguyễn Thị Hồng Đào ẞ", "Greek": "Αλέξανδρος Ὀδυσσεύς", "Cyrillic": "Щербаков Ёлкина Ґалаґан Ұлы",
		"Arabic": "شركة علاء الدين للمقاولات، ۱۲۳ پگاه", "Hebrew": "משפחת כהן־לוי ש״ח", "Devanagari": "श्रीमती क्षितिज्ञा हिन्दुस्तानी ₹१२३", "Thai": "บริษัท น้ำผึ้งสร้างบ้าน ฿",
		"Chinese": "北京建筑工程有限公司 繁體中文", "Japanese": "株式会社 山田工務店ヴァ", "Korean": "주식회사 한강건설 똠방각하 펲시콜라 ㈜",
	} {
		s := newShaper()
		for _, r := range s.shape(text) {
			for _, g := range r.glyphs {
				if g.GlyphID == 0 {
					t.Errorf("%s: no glyph for %q", name, string(r.text[g.TextIndex()-r.start]))
				}
			}
		}
	}
	for _, sign := range "$€£¥₹₩₪₺₴₫₱₦₸₽฿₡₲₵₾₼₿" {
		for _, r := range newShaper().shape("1 " + string(sign)) {
			for _, g := range r.glyphs {
				if g.GlyphID == 0 {
					t.Errorf("no glyph for %c", sign)
				}
			}
		}
	}
}

// TestRightToLeftStandsInItsPlace: within a line from left to right, words from right to left stand so, and numbers in
// them do not.
func TestRightToLeftStandsInItsPlace(t *testing.T) {
	var got []string
	for _, r := range newShaper().shape("For שרה 12 כהן, part 2") {
		got = append(got, string(r.text))
	}
	want := []string{"For ", " כהן", "12", "שרה ", ", part 2"}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for n := range want {
		if got[n] != want[n] {
			t.Errorf("%q at %d, want %q", got[n], n, want[n])
		}
	}
}
