package lang

import (
	"encoding/json"
	"testing"
)

func TestAMessageIsKeptUntilSomebodyReadsIt(t *testing.T) {
	t.Parallel()
	for english, m := range map[string]Message{
		"uploaded “plan.pdf”":                    M("uploaded “%s”", "plan.pdf"),
		"approved “Oak”, as Ana said by mail":    M("%s, as %s said by mail", M("approved “%s”", "Oak"), "Ana"),
		"published the schedule: 1 change":       M("published the schedule: %s", N(1, "%s change", "%s changes")),
		"published the schedule: 12,000 changes": M("published the schedule: %s", N(12000, "%s change", "%s changes")),
		"published the schedule":                 M("published the schedule"),
	} {
		text, err := json.Marshal(map[string]any{"said": m.Kept()})
		if err != nil {
			t.Fatal(err)
		}
		var data map[string]any
		if err := json.Unmarshal(text, &data); err != nil {
			t.Fatal(err)
		}
		back, ok := Recall(data["said"])
		if !ok || back.String() != english || m.String() != english {
			t.Errorf("%s: %v %q %q", text, ok, back, m)
		}
	}
	for _, none := range []any{nil, "words", map[string]any{}, map[string]any{"words": ""}, map[string]any{"words": "%s", "one": "%s"}, map[string]any{"words": "a", "one": "b", "args": []any{"c"}}} {
		if m, ok := Recall(none); ok {
			t.Errorf("%v is %q", none, m)
		}
	}
}
