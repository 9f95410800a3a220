package setup

import (
	"net/url"
	"slices"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/auth/sso"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/firm"
	"portico/platform/people"
	"portico/platform/search"
	"portico/platform/web"
)

// personForm is one member of staff, and what clients see of them.
type personForm struct {
	Name      string    `form:"name"`
	Email     string    `form:"email"`
	Title     string    `form:"title"`
	Phone     string    `form:"phone"`
	ShowPhoto bool      `form:"show_photo"`
	ShowEmail bool      `form:"show_email"`
	ShowPhone bool      `form:"show_phone"`
	Photo     *web.File `form:"photo"`
	Remove    bool      `form:"remove_photo"`
}

func personFormOf(s people.Staff) personForm {
	return personForm{Name: s.Name, Email: s.Email, Title: s.Title, Phone: s.Phone, ShowPhoto: s.ShowPhoto, ShowEmail: s.ShowEmail, ShowPhone: s.ShowPhone}
}

func (f personForm) told() map[string]any {
	return map[string]any{
		"name": f.Name, "email": f.Email, "title": f.Title, "phone": f.Phone,
		"show_photo": f.ShowPhoto, "show_email": f.ShowEmail, "show_phone": f.ShowPhone,
	}
}

type personView struct {
	*web.Here
	Trail     []web.NavItem
	Person    member
	Form, Was personForm
	State     string // of the photo
	Roles     []option
	MayChange bool // an admin only looks at owners
	Work      []assignment
	RoleMust  bool          // a second factor is asked of the role
	Account   *sso.Account  // at the firm's provider; nil: none known
	Also      []web.NavItem // clients of whom the same person is a contact
}

func (o office) findStaff(r *web.Request) (people.Staff, error) {
	id, err := r.ID("person")
	if err != nil {
		return people.Staff{}, err
	}
	return people.FindStaff(r.Context(), r.Tx(), r.Viewer(), id)
}

func (o office) personView(r *web.Request, s people.Staff, form personForm) (personView, error) {
	r.Title(s.Name)
	state, err := pictureState(r.Context(), r.Tx(), r.Viewer(), o.Files, s.PhotoID)
	view := personView{
		Here: r.Here(), Trail: append(o.trail(r), web.NavItem{Title: "Staff", Href: r.Path("setup", "staff")}),
		Person: memberOf(r, s), Form: form, Was: personFormOf(s), State: state,
		Roles: rolesFor(r), MayChange: mayTouch(r, s) == nil,
	}
	if state != "ready" {
		view.Person.PhotoURL = ""
	}
	if err != nil {
		return view, err
	}
	return view, o.addAccess(r, s, &view)
}

// addAccess tells what a person works on, and how they come in.
func (o office) addAccess(r *web.Request, s people.Staff, view *personView) error {
	work, err := people.WorkOf(r.Context(), r.Tx(), r.Viewer(), s.PersonID)
	if err != nil {
		return err
	}
	view.Work = assignmentsOf(r, work)
	also, err := people.AlsoContacts(r.Context(), r.Tx(), r.Viewer(), s.PersonID)
	if err != nil {
		return err
	}
	for _, c := range also {
		view.Also = append(view.Also, web.NavItem{Title: c.ClientName, Href: r.Path("clients", c.ClientID, "contacts", c.ContactID)})
	}
	settings, err := firm.Get(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	view.RoleMust = slices.Contains(settings.SecondFactor, string(s.Role))
	account, known, err := sso.AccountOf(r.Context(), r.Tx(), r.Viewer(), s.PersonID)
	if known {
		view.Account = &account
	}
	return err
}

func (o office) person(r *web.Request) error {
	s, err := o.findStaff(r)
	if err != nil {
		return err
	}
	view, err := o.personView(r, s, personFormOf(s))
	if err != nil {
		return err
	}
	return r.Show("setup/person", view)
}

func (o office) savePerson(r *web.Request) error {
	var form personForm
	wrong := r.Bind(&form)
	s, err := o.findStaff(r)
	if err != nil {
		return err
	}
	if err := mayTouch(r, s); err != nil {
		return err
	}
	if wrong == nil && form.Email != s.Email {
		if there, err := o.confirmed(r, s); !there {
			return err
		}
	}
	if wrong == nil {
		wrong = o.keepPerson(r, s, form)
	}
	if wrong == nil {
		return r.Go(r.Path("setup", "staff", s.PersonID))
	}
	view, err := o.personView(r, s, form)
	if err != nil {
		return err
	}
	return r.Again("setup/person", view, wrong)
}

func (o office) keepPerson(r *web.Request, s people.Staff, form personForm) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	photo, err := o.pictureFor(r, s.PhotoID, form.Photo, form.Remove, files.Upload{Purpose: "photo", Audience: files.ForFirm, PersonID: s.PersonID})
	if err != nil {
		return beside("photo", err)
	}
	if photo != s.PhotoID {
		if err := people.SetPhoto(ctx, tx, v.FirmID(), s.PersonID, photo); err != nil {
			return err
		}
	}
	err = people.SaveStaff(ctx, tx, v, s.PersonID, people.StaffDetails{
		Name: form.Name, Title: form.Title, Phone: form.Phone, ShowPhoto: form.ShowPhoto, ShowEmail: form.ShowEmail, ShowPhone: form.ShowPhone,
	})
	if err != nil {
		return err
	}
	if form.Email != s.Email {
		if err := o.readdress(r, s, form.Email); err != nil {
			return err
		}
		if err := search.IndexPerson(ctx, tx, v.FirmID(), s.PersonID); err != nil {
			return err
		}
		if err := o.invite(r, s); err != nil {
			return err
		}
	}
	before, after := personFormOf(s).told(), form.told()
	before["photo"], after["photo"] = tellPicture(s.PhotoID), tellPicture(photo)
	was, is := diff(before, after)
	if len(is) == 0 {
		r.Toast("Nothing was changed.")
		return nil
	}
	r.Toast("Saved.")
	return o.tell(r, "staff.changed", "changed the details of "+s.Name, s.PersonID, was, is)
}

// readdress changes the person's one address, and tells each client of whom the same person is a contact.
func (o office) readdress(r *web.Request, s people.Staff, email string) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	also, err := people.AlsoContacts(ctx, tx, v, s.PersonID)
	if err != nil {
		return err
	}
	if err := people.ReaddressStaff(ctx, tx, v, s.PersonID, email); err != nil {
		return err
	}
	for _, c := range also {
		err := activity.Record(ctx, tx, v, activity.Entry{
			Verb: "contact.changed", Text: "changed the address of " + s.Name + ", who is a member of staff, too", ClientID: c.ClientID, SubjectID: c.ContactID,
			Data: activity.Changes(map[string]any{"email": s.Email}, map[string]any{"email": email}),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// confirmed asks for a fresh factor before what could lock others out or let somebody in; then the page has to be sent
// again. there is false when the answer has been given.
func (o office) confirmed(r *web.Request, s people.Staff) (there bool, err error) {
	return o.confirmedFor(r, r.Path("setup", "staff", s.PersonID))
}

// confirmedFor is the same for any page.
func (o office) confirmedFor(r *web.Request, page string) (there bool, err error) {
	if r.Viewer().Confirmed(r.Now()) == nil {
		return true, nil
	}
	return false, r.Go("/sign-in/confirm?to=" + url.QueryEscape(page))
}

// change is one deed about a member of staff: it needs a fresh factor, and is recorded.
func (o office) change(r *web.Request, deed func(people.Staff) (toast, text string, was, is map[string]any, err error)) error {
	s, err := o.findStaff(r)
	if err != nil {
		return err
	}
	if there, err := o.confirmed(r, s); !there {
		return err
	}
	toast, text, was, is, err := deed(s)
	if fault.Is(err, fault.Clash) || fault.Is(err, fault.Bad) {
		view, drawn := o.personView(r, s, personFormOf(s))
		if drawn != nil {
			return drawn
		}
		return r.Again("setup/person", view, err)
	}
	if err != nil {
		return err
	}
	if text != "" {
		if err := o.tell(r, "staff.access", text, s.PersonID, was, is); err != nil {
			return err
		}
	}
	r.Toast(toast)
	return r.Go(r.Path("setup", "staff", s.PersonID))
}

func (o office) setRole(r *web.Request) error {
	return o.change(r, func(s people.Staff) (string, string, map[string]any, map[string]any, error) {
		role := access.Role(r.Value("role"))
		if role == s.Role {
			return "Nothing was changed.", "", nil, nil, nil
		}
		err := people.SetRole(r.Context(), r.Tx(), r.Viewer(), s.PersonID, role)
		return s.Name + " is signed out and comes back as " + roleTitles[role] + ".", "changed the role of " + s.Name,
			map[string]any{"role": string(s.Role)}, map[string]any{"role": string(role)}, err
	})
}

func (o office) enable(r *web.Request) error {
	return o.change(r, func(s people.Staff) (string, string, map[string]any, map[string]any, error) {
		err := people.EnableStaff(r.Context(), r.Tx(), r.Viewer(), s.PersonID)
		return s.Name + " can sign in again.", "switched on the access of " + s.Name,
			map[string]any{"access": "off"}, map[string]any{"access": "on"}, err
	})
}

func (o office) resetFactors(r *web.Request) error {
	return o.change(r, func(s people.Staff) (string, string, map[string]any, map[string]any, error) {
		err := people.ResetFactors(r.Context(), r.Tx(), r.Viewer(), s.PersonID)
		return s.Name + " sets up a new second factor at the next sign-in.", "reset the second factor of " + s.Name,
			map[string]any{"second_factor": s.SecondFactor}, map[string]any{"second_factor": false}, err
	})
}

// inviteAgain mails a fresh link; the older one ends.
func (o office) inviteAgain(r *web.Request) error {
	s, err := o.findStaff(r)
	if err != nil {
		return err
	}
	if !s.Active() {
		return fault.Conflict("Switch the access on first.")
	}
	if err := mayTouch(r, s); err != nil {
		return err
	}
	if err := o.invite(r, s); err != nil {
		return err
	}
	r.Toast("A fresh link is on its way to " + s.Email + ".")
	if err := o.tell(r, "staff.invited", "sent "+s.Name+" a new invitation", s.PersonID, nil, nil); err != nil {
		return err
	}
	return r.Go(r.Path("setup", "staff", s.PersonID))
}

// demandFactor asks one person for a second factor, whatever the role.
func (o office) demandFactor(r *web.Request) error {
	return o.change(r, func(s people.Staff) (string, string, map[string]any, map[string]any, error) {
		must := r.Value("must_factor") != ""
		if must == s.MustFactor {
			return "Nothing was changed.", "", nil, nil, nil
		}
		toast, text := s.Name+" is not asked for a second factor any more, unless the role is.", "stopped asking "+s.Name+" for a second factor"
		if must {
			toast, text = s.Name+" must show a second factor from now on.", "asked "+s.Name+" for a second factor"
		}
		err := people.DemandFactor(r.Context(), r.Tx(), r.Viewer(), s.PersonID, must)
		return toast, text, map[string]any{"must_factor": s.MustFactor}, map[string]any{"must_factor": must}, err
	})
}

// forgetAccount unties a person from the account at the firm's provider, and ends what was begun with it.
func (o office) forgetAccount(r *web.Request) error {
	return o.change(r, func(s people.Staff) (string, string, map[string]any, map[string]any, error) {
		err := mayTouch(r, s)
		if err == nil {
			err = sso.Forget(r.Context(), r.Tx(), r.Viewer(), s.PersonID)
		}
		if err == nil {
			err = auth.EndOffice(r.Context(), r.Tx(), r.Firm().ID, s.PersonID)
		}
		return "Forgotten. The next sign-in with single sign-on goes by the address of " + s.Name + ".", "forgot the single sign-on account of " + s.Name, nil, nil, err
	})
}
