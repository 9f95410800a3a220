package profile

import (
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/auth/factor"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/module"
	"portico/platform/people"
	"portico/platform/post"
	"portico/platform/web"
)

// pages are the pages of an account.
type pages struct{ module.Platform }

type profileView struct {
	*web.Here
	Details     details
	MayEdit     bool
	Office      bool
	PhotoURL    string
	PhotoState  string // new, ready, damaged; "" for none
	Remove      bool
	Form        preferencesForm
	Languages   []option
	Zones       []option
	Themes      []option
	Factors     factor.Set
	HasPasskeys bool // browsers know passkeys at this address
	Devices     []device
}

func (p pages) profile(r *web.Request) error {
	view, err := p.view(r)
	if err != nil {
		return err
	}
	return r.Show("profile/profile", view)
}

func (p pages) view(r *web.Request) (profileView, error) {
	r.Title("Your profile")
	v := r.Viewer()
	view := profileView{
		Here: r.Here(), Office: v.Side == auth.Office, MayEdit: v.May(edit) || v.May(staff), Languages: web.Said(r.Here(), languages), Themes: web.Said(r.Here(), themes),
		HasPasskeys: factor.PasskeysFor(r.Origin(), r.Firm().Name) != nil,
	}
	me, err := people.Find(r.Context(), r.Tx(), v.FirmID(), v.PersonID)
	if err != nil {
		return view, err
	}
	mails, err := post.ChoiceOf(r.Context(), r.Tx(), v.FirmID(), v.PersonID)
	if err != nil {
		return view, err
	}
	view.Form = preferencesForm{me.Locale, me.Zone, me.Theme, string(mails)}
	view.Zones = zones(r.Here(), me.Zone, v.Firm.Zone)
	if view.Details, err = detailsOf(r.Context(), r.Tx(), v); err != nil {
		return view, err
	}
	if view.PhotoState, err = p.photoState(r, view.Details); err != nil {
		return view, err
	}
	if view.PhotoState == "ready" {
		view.PhotoURL = files.URL(view.Details.PhotoID, "thumb")
	}
	if view.Factors, err = factor.Of(r.Context(), r.Tx(), v); err != nil {
		return view, err
	}
	view.Devices, err = devicesOf(r)
	return view, err
}

func (p pages) photoState(r *web.Request, d details) (string, error) {
	row, err := p.Files.Find(r.Context(), r.Tx(), r.Viewer(), d.PhotoID)
	return row.State, fault.IgnoreNotFound(err)
}

func (p pages) saveDetails(r *web.Request) error {
	var form detailsForm
	wrong := r.Bind(&form)
	if wrong == nil {
		wrong = p.keepDetails(r, form)
	}
	if wrong != nil {
		view, err := p.view(r)
		if err != nil {
			return err
		}
		view.Details.Name, view.Details.Phone, view.Remove = form.Name, form.Phone, form.Remove
		return r.Again("profile/profile", view, wrong)
	}
	r.Toast("Saved.")
	return r.Go(r.Path("profile"))
}

func (p pages) keepDetails(r *web.Request, form detailsForm) error {
	v := r.Viewer()
	was, err := detailsOf(r.Context(), r.Tx(), v)
	if err != nil {
		return err
	}
	changed, err := p.keepPhoto(r, was, form)
	if err != nil {
		return err
	}
	if err := saveDetails(r.Context(), r.Tx(), v, form); err != nil {
		return err
	}
	changes := activity.Changes(map[string]any{"name": was.Name, "phone": was.Phone}, map[string]any{"name": form.Name, "phone": form.Phone})
	if changes == nil && !changed {
		return nil
	}
	text := "changed the own details"
	if changes == nil {
		text = "changed the own photo"
	}
	return p.record(r, "profile.changed", text, changes)
}

// keepPhoto answers whether the photo is another one now.
func (p pages) keepPhoto(r *web.Request, was details, form detailsForm) (changed bool, err error) {
	v := r.Viewer()
	id := was.PhotoID
	if form.Photo != nil && form.Photo.Size > 0 {
		from, err := form.Photo.Open()
		if err != nil {
			return false, err
		}
		audience, err := photoAudience(r)
		if err != nil {
			return false, err
		}
		id, err = p.Files.Keep(r.Context(), r.Tx(), v, files.Upload{
			Purpose: "photo", Audience: audience, PersonID: v.PersonID, Name: form.Photo.Name, From: from, Pictures: true, Most: photoBytes,
		})
		if f, ok := fault.Of(err); ok && f.Kind != fault.Busy {
			return false, fault.Field("photo", f.Message)
		}
		if err != nil {
			return false, err
		}
	} else if form.Remove {
		id = [16]byte{}
	}
	if id == was.PhotoID {
		return false, nil
	}
	return true, people.SetPhoto(r.Context(), r.Tx(), v.FirmID(), v.PersonID, id)
}

// photoAudience: clients see the photos of staff; a client's own is for the person and the staff.
func photoAudience(r *web.Request) (files.Audience, error) {
	_, err := people.FindStaff(r.Context(), r.Tx(), r.Viewer(), r.Viewer().PersonID)
	if fault.Is(err, fault.Missing) {
		return files.ForPerson, nil
	}
	return files.ForFirm, err
}

func (p pages) savePreferences(r *web.Request) error {
	var form preferencesForm
	wrong := r.Bind(&form)
	if wrong == nil {
		wrong = p.keepPreferences(r, form)
	}
	if wrong != nil {
		view, err := p.view(r)
		if err != nil {
			return err
		}
		view.Form = form
		return r.Again("profile/profile", view, wrong)
	}
	r.SetTheme(form.Theme)
	r.Toast("Saved.")
	return r.Go(r.Path("profile"))
}

func (pages) keepPreferences(r *web.Request, form preferencesForm) error {
	v := r.Viewer()
	me, err := people.Find(r.Context(), r.Tx(), v.FirmID(), v.PersonID)
	if err != nil {
		return err
	}
	if form.Mails != "" {
		if err := post.SetChoice(r.Context(), r.Tx(), v.FirmID(), v.PersonID, post.Choice(form.Mails)); err != nil {
			return err
		}
	}
	return people.SaveOwn(r.Context(), r.Tx(), v, people.Own{Name: me.Name, Locale: form.Locale, Zone: form.Zone, Theme: form.Theme})
}
