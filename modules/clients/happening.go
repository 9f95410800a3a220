package clients

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/web"
)

// happening is one line of what was done, with what it changed.
type happening struct {
	Who, Text, Icon, Kind string
	At                    time.Time // in the viewer's zone
	Changes               []difference
	stored                time.Time
}

// icons by the last word of a verb, and the mark's colour.
var icons = map[string][2]string{
	"created": {"circle-plus", "brand"}, "changed": {"pencil", ""}, "archived": {"archive", ""}, "restored": {"undo-2", ""},
	"activated": {"cloud", "ok"}, "deactivated": {"cloud-off", "late"}, "invited": {"send", "info"}, "accepted": {"user-check", "ok"},
	"disabled": {"lock", "late"}, "enabled": {"check", "ok"}, "shared": {"eye", "info"}, "copied": {"copy", ""},
}

// happenings reads what was done to a client or project; the address may say to begin before an instant.
func (o office) happenings(r *web.Request, client, project uuid.UUID, limit int) ([]happening, error) {
	before, err := time.Parse(time.RFC3339Nano, r.Query("before"))
	if err != nil {
		before = time.Time{}
	}
	entries, err := activity.Of(r.Context(), r.Tx(), r.Viewer(), client, project, before, limit)
	if err != nil {
		return nil, err
	}
	list, named := make([]happening, len(entries)), o.p.Catalog().SwitchTitles()
	for i, e := range entries {
		list[i] = happeningOf(e, r.Here().Local(e.At), named)
	}
	return list, nil
}

func happeningOf(e activity.Entry, at time.Time, switches map[string]string) happening {
	_, last, _ := strings.Cut(e.Verb, ".")
	icon, ok := icons[last]
	if !ok {
		icon = [2]string{"activity", ""}
	}
	h := happening{Who: e.ActorName, Text: e.Text, Icon: icon[0], Kind: icon[1], At: at, stored: e.At}
	if h.Who == "" {
		h.Who = "Portico"
	}
	was, _ := e.Data["before"].(map[string]any)
	is, _ := e.Data["after"].(map[string]any)
	if was == nil { // something new: all of it would be a long list of little
		return h
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		h.Changes = append(h.Changes, difference{labelOf(name, switches), plain(was[name]), plain(is[name])})
	}
	return h
}

// labelOf names a field that changed, whoever wrote the entry.
func labelOf(name string, switches map[string]string) string {
	if label := labels[name]; label != "" {
		return label
	}
	if title := switches[name]; title != "" {
		return title
	}
	words := strings.ReplaceAll(name, "_", " ")
	return strings.ToUpper(words[:min(1, len(words))]) + words[min(1, len(words)):]
}

func plain(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case bool:
		return yesNo(v)
	}
	return fmt.Sprint(value)
}

// labels are what the fields of all forms are called.
var labels = func() map[string]string {
	all := map[string]string{"archived": "Archived", "portal": "Portal on", "portal_on": "Portal on", "uploads_on": "Uploads by the client", "access": "Access"}
	for _, fields := range [][]field{Client{}.fields(), Contact{}.fields(), Project{}.fields()} {
		for _, f := range fields {
			all[f.Name] = f.Label
		}
	}
	return all
}()

// older is the address of what happened before the last of these; "" when the page is not full.
func older(here *web.Here, items []happening, full int) string {
	if len(items) < full {
		return ""
	}
	return here.With("before", items[len(items)-1].stored.UTC().Format(time.RFC3339Nano))
}
