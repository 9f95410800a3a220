package setup

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/web"
)

func (o office) saveClient(r *web.Request) error {
	var form clientForm
	wrong := r.Bind(&form)
	id, err := r.ID("client")
	if err != nil {
		return err
	}
	if err := holdClient(r.Context(), r.Tx(), r.Viewer(), id); err != nil {
		return err
	}
	now, err := o.loadClient(r)
	if err != nil {
		return err
	}
	want, choice := o.want(now, form, r.Value)
	if wrong == nil {
		wrong = choice
	}
	var others []happening
	if wrong == nil {
		others, wrong = o.keepClient(r, now, &want, form)
	}
	if wrong == nil {
		return r.Go(clientPath(now.ID.String()))
	}
	want.Version = form.Version
	if fault.Is(wrong, fault.Clash) {
		want.Version = now.Version
	}
	want.LogoID = now.LogoID
	view, err := o.clientView(r, now, want)
	if err != nil {
		return err
	}
	view.Remove, view.Meanwhile = form.Remove, others
	if !fault.Is(wrong, fault.Clash) {
		view.Latest = r.Value("latest")
	}
	return r.Again("setup/client", view, wrong)
}

// keepClient saves all or nothing, records it, and signs the contacts out when the portal has been switched off.
func (o office) keepClient(r *web.Request, now shown, want *shown, form clientForm) (others []happening, err error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if form.Version != now.Version || movedProjects(now, *want, form) {
		return o.clientMoved(r, now)
	}
	want.LogoID, err = o.pictureFor(r, now.LogoID, form.Logo, form.Remove, files.Upload{Purpose: "logo", Audience: files.ForClient, ClientID: now.ID})
	if err != nil {
		return nil, beside("logo", err)
	}
	was, is := clientDiff(now, *want)
	if len(was) == 0 {
		r.Toast("Nothing was changed.")
		return nil, nil
	}
	if err := saveClient(ctx, tx, v, want.clientRow); err != nil {
		return nil, err
	}
	if err := shareProjects(ctx, tx, v, now, *want); err != nil {
		return nil, err
	}
	if now.PortalOn && !want.PortalOn {
		if err := closeAll(ctx, tx, v, []uuid.UUID{now.ID}); err != nil {
			return nil, err
		}
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "client.setup", Text: "changed the portal setup of " + now.Name, ClientID: now.ID, SubjectID: now.ID, Data: map[string]any{"before": was, "after": is},
	})
	if err == nil {
		r.Toast("Saved. " + now.Name + " sees it at once.")
	}
	return nil, err
}

// movedProjects reports whether somebody changed a project, since the page was drawn, that is to be shared or hidden.
func movedProjects(now, want shown, form clientForm) bool {
	seen := seenProjects(form.Seen)
	for _, p := range now.Projects {
		if p.Shared != want.shares(p) && p.Version != seen[p.ID] {
			return true
		}
	}
	return false
}

// shareProjects writes the ticks that differ.
func shareProjects(ctx context.Context, tx bun.IDB, v auth.Viewer, now, want shown) error {
	for _, p := range now.Projects {
		if p.Shared == want.shares(p) {
			continue
		}
		p.Shared = want.shares(p)
		if err := saveProject(ctx, tx, v, p); err != nil {
			return err
		}
	}
	return nil
}

func (o office) clientMoved(r *web.Request, now shown) ([]happening, error) {
	recent, err := activity.Of(r.Context(), r.Tx(), r.Viewer(), now.ID, uuid.Nil, time.Time{}, 20)
	if err != nil {
		return nil, err
	}
	others := meanwhile(recent, moment(r.Value("latest")), titlesWith(o.catalog(), now.Projects))
	return others, moved(others)
}

// titlesWith also names the projects that entries speak of.
func titlesWith(sections []section, projects []projectRow) map[string]string {
	named := titles(sections)
	for _, p := range projects {
		named["shared: "+p.Key] = p.Name + " shared"
	}
	return named
}

func clientDiff(now, want shown) (was, is map[string]any) {
	tell := func(s shown) map[string]any {
		m := map[string]any{"portal_on": s.PortalOn, "uploads_on": s.UploadsOn, "logo": tellPicture(s.LogoID)}
		for _, p := range s.Projects {
			m["shared: "+p.Key] = p.Shared
		}
		return m
	}
	was, is = diff(tell(now), tell(want))
	old, next := switchesDiff(now.Switches, want.Switches, clientWords)
	for key := range next {
		was[key], is[key] = old[key], next[key]
	}
	return was, is
}
