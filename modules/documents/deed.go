package documents

import (
	"context"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

func (o office) record(r *web.Request, verb, text string, client, project, subject uuid.UUID, data map[string]any) error {
	o.ring(r.Context(), r.Viewer().FirmID(), client)
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: verb, Text: text, ClientID: client, ProjectID: project, SubjectID: subject, Data: data,
	})
}

var changesOf = activity.Changes

// ring lets open pages of a client's documents follow, on both sides.
func (a archive) ring(ctx context.Context, firm, client uuid.UUID) {
	a.Bell.Publish(ctx, firm, "documents@client:"+client.String())
}

func (o office) recordOf(r *web.Request, p place, verb, text string, data map[string]any) error {
	return o.record(r, verb, text, p.ClientID, p.ProjectID, p.ID, data)
}

func (o office) recordFile(r *web.Request, d Document, verb, text string, data map[string]any) error {
	return o.record(r, verb, text, d.ClientID, d.ProjectID, d.ID, data)
}

// editForm is what can be changed of a folder or a file.
type editForm struct {
	Name    string `form:"name"`
	Caption string `form:"caption"`
	Shared  bool   `form:"shared"`
	Tells   bool   `form:"tells"`
}

type editView struct {
	*web.Here
	Title    string
	Action   string
	Back     string
	Button   string
	Form     editForm
	Folder   bool
	Picture  bool
	Client   string
	Hidden   string // a folder above that is not shared
	New      bool
	Document Document
}

// home is where something goes back to: its place, or, when that is gone, the top of its project or client.
func (o office) home(r *web.Request, was, project, client uuid.UUID) (place, error) {
	for _, id := range []uuid.UUID{was, project} {
		p, err := placeByID(r.Context(), r.Tx(), r.Viewer(), id)
		if err == nil || !fault.Is(err, fault.Missing) {
			return p, err
		}
	}
	return placeByID(r.Context(), r.Tx(), r.Viewer(), client)
}
