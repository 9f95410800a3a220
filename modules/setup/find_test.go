package setup

import (
	"testing"

	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/module"
)

func TestTheSetupIsFoundByThoseWhoMayOpenIt(t *testing.T) {
	o := office{module.Platform{}}
	for _, v := range []auth.Viewer{{Side: auth.Office, Role: access.Member}, {Side: auth.Portal}, {}} {
		if hits, err := o.find(t.Context(), bun.Tx{}, v, "logo", 10); len(hits) != 0 || err != nil {
			t.Errorf("%s %s finds %v, %v", v.Side, v.Role, hits, err)
		}
	}
	for words, want := range map[string]bool{"Logo": true, "second factor": true, "kitchen": false} {
		found := false
		for _, p := range places {
			found = found || fits(words, p.Words)
		}
		if found != want {
			t.Errorf("%q finds a page: %v", words, found)
		}
	}
}
