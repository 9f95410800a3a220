package setup

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/web"
)

func (o office) saveClient(r *web.Request) error {
	var form clientForm
	wrong := r.Bind(&form)
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
	if fault.Is(wrong, fault.Clash) { // somebody was quicker: what is kept is not what was read above
		if now, err = o.loadClient(r); err != nil {
			return err
		}
		want.Version = now.Version
	} else {
		want.Version = form.Version
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
	if form.Version != now.Version {
		return o.clientMoved(r, now.ID)
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
	err = saveClient(ctx, tx, v, want.clientRow)
	if fault.Is(err, fault.Clash) {
		return o.clientMoved(r, now.ID)
	}
	if err != nil {
		return nil, err
	}
	if err := o.shareProjects(r, now, *want, form); err != nil {
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

// shareProjects writes the ticks that differ. A project that was changed since the page was drawn is a conflict.
func (o office) shareProjects(r *web.Request, now, want shown, form clientForm) error {
	seen := seenProjects(form.Seen)
	for _, p := range now.Projects {
		if p.Shared == want.shares(p) {
			continue
		}
		p.Shared, p.Version = want.shares(p), seen[p.ID]
		if err := saveProject(r.Context(), r.Tx(), r.Viewer(), p); fault.Is(err, fault.Clash) {
			return fault.Conflict("Somebody has changed the project " + p.Name + " while you had the page open. Look it over, then save again.")
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (o office) clientMoved(r *web.Request, client uuid.UUID) ([]happening, error) {
	now, err := o.loadClient(r)
	if err != nil {
		return nil, err
	}
	recent, err := activity.Of(r.Context(), r.Tx(), r.Viewer(), client, uuid.Nil, time.Time{}, 20)
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
