package setup

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"portico/platform/access"
	"portico/platform/fault"
	"portico/platform/people"
	"portico/platform/web"
)

// severalForm invites several people at once: one a line.
type severalForm struct {
	People string      `form:"people"`
	Role   access.Role `form:"role"`
}

const mostAtOnce = 100

// parse reads the lines as people paste them: an address, or a name and an address.
func (f severalForm) parse() ([]people.NewStaff, error) {
	var all []people.NewStaff
	for n, line := range strings.Split(f.People, "\n") {
		line = strings.Trim(strings.TrimSpace(line), ",;")
		if line == "" {
			continue
		}
		s, ok := inviteeOf(line)
		if !ok {
			return nil, lineWrong(n, "has no address that we can read")
		}
		s.Role = f.Role
		all = append(all, s)
	}
	switch {
	case len(all) == 0:
		return nil, fault.Field("people", "Enter at least one address.")
	case len(all) > mostAtOnce:
		return nil, fault.Field("people", fmt.Sprintf("Invite at most %d people at once.", mostAtOnce))
	}
	return all, nil
}

func lineWrong(n int, what string) error {
	return fault.Field("people", fmt.Sprintf("Line %d %s. Write: Nora Quist <nora@example.com>", n+1, what))
}

// inviteeOf reads "Nora Quist <nora@example.com>", "Nora Quist, nora@example.com" or the address alone. Without a name
// the address lends its own: nora.quist@example.com is Nora Quist until she says otherwise.
func inviteeOf(line string) (people.NewStaff, bool) {
	if at, err := netmail.ParseAddress(line); err == nil {
		return people.NewStaff{Name: nameOr(at.Name, at.Address), Email: at.Address}, true
	}
	cut := strings.LastIndexAny(line, ",;\t ")
	if cut < 0 {
		return people.NewStaff{}, false
	}
	at, err := netmail.ParseAddress(strings.Trim(line[cut+1:], "<>"))
	if err != nil {
		return people.NewStaff{}, false
	}
	return people.NewStaff{Name: nameOr(strings.Trim(line[:cut], " ,;\t\""), at.Address), Email: at.Address}, true
}

func nameOr(name, address string) string {
	if name != "" {
		return name
	}
	local, _, _ := strings.Cut(address, "@")
	words := strings.FieldsFunc(local, func(r rune) bool { return strings.ContainsRune("._-+", r) })
	for i, word := range words {
		first, size := utf8.DecodeRuneInString(word)
		words[i] = string(unicode.ToUpper(first)) + word[size:]
	}
	return strings.Join(words, " ")
}

type severalView struct {
	*web.Here
	Trail []web.NavItem
	Form  severalForm
	Roles []option
}

func (o office) severalView(r *web.Request, form severalForm) severalView {
	r.Title("Invite several people")
	trail := append(o.trail(r), web.NavItem{Title: "Staff", Href: r.Path("setup", "staff")})
	return severalView{r.Here(), trail, form, rolesFor(r)}
}

func (o office) several(r *web.Request) error {
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	return r.Show("setup/staff_several", o.severalView(r, severalForm{Role: access.Member}))
}

// inviteSeveral invites all of them or nobody: a list half done would have to be compared by hand.
func (o office) inviteSeveral(r *web.Request) error {
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	var form severalForm
	err := r.Bind(&form)
	if err == nil {
		err = o.keepSeveral(r, form)
	}
	if err != nil {
		return r.Again("setup/staff_several", o.severalView(r, form), err)
	}
	return r.Go(r.Path("setup", "staff"))
}

func (o office) keepSeveral(r *web.Request, form severalForm) error {
	all, err := form.parse()
	if err != nil {
		return err
	}
	for _, n := range all {
		s, err := people.AddStaff(r.Context(), r.Tx(), r.Viewer(), n)
		if f, ok := fault.Of(err); ok && f.Fields["email"] != "" {
			return fault.Field("people", n.Email+": "+f.Fields["email"])
		}
		if err == nil {
			err = o.welcome(r, s)
		}
		if err != nil {
			return err
		}
	}
	if len(all) == 1 {
		r.Toast("The invitation is on its way.")
	} else {
		r.Toast(fmt.Sprintf("%d invitations are on their way.", len(all)))
	}
	return nil
}

// welcome promises the mail to a new member of staff, and records that there is one.
func (o office) welcome(r *web.Request, s people.Staff) error {
	if err := o.invite(r, s); err != nil {
		return err
	}
	return o.tell(r, "staff.invited", "invited "+s.Name+" to the staff", s.PersonID, nil,
		map[string]any{"name": s.Name, "email": s.Email, "role": string(s.Role), "title": s.Title})
}
