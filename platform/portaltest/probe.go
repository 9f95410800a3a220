package portaltest

import (
	"testing"

	"portico/platform/access"
	"portico/platform/module"
	"portico/platform/web"
)

// Within runs something in a request of staff's, where templates are drawn and the viewer is known.
func Within(t *testing.T, fn func(r *web.Request) error, modules ...module.Module) {
	t.Helper()
	see := access.Staff("probe:see", access.Member)
	asked, failed := false, error(nil)
	probe := module.Module{
		ID: "probe", Title: "Probe", Summary: "Lets a test look from inside", Icon: "circle", Toggle: module.Always, Permissions: []access.Permission{see},
		Mount: func(module.Platform) (module.Section, error) {
			return module.Section{Office: []web.Route{web.Get("/", see, func(r *web.Request) error {
				asked, failed = true, fn(r)
				return r.Text("done")
			})}}, nil
		},
	}
	Open(t, append(modules, probe)...).As("ben").Open("/office/probe").Has(t, 200)
	if failed != nil || !asked {
		t.Errorf("within a request: asked %t, %v", asked, failed)
	}
}
