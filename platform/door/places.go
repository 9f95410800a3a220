package door

import (
	"context"
	"net/url"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/web"
)

type placesView struct {
	*web.Here
	Person, Email string
	Groups        []group
	SignOut       string
}

type group struct {
	Title string
	Items []item
}

type item struct {
	Title, Sub, Href, Icon, PhotoURL string
	Badge                            int
	Current, Post                    bool
}

// places lists all that one address opens: here, and in other firms of this installation.
func (d *Door) places(r *web.Request) error {
	v := r.Viewer()
	here, err := auth.Identities(r.Context(), r.Tx(), v.FirmID(), v.PersonID)
	if err != nil {
		return err
	}
	others, err := d.elsewhere(r)
	if err != nil {
		return err
	}
	private(r)
	r.Title("Where to?")
	view := placesView{Here: r.Here(), Person: v.Name, Email: v.Email, SignOut: "/sign-out"}
	own := group{Title: v.Firm.Name}
	for _, i := range here {
		own.Items = append(own.Items, placeItem(v, i))
	}
	view.Groups = append(view.Groups, own)
	var origins []string
	for _, o := range others {
		origin, err := d.Links.Origin(r.Context(), o.FirmID)
		if err != nil {
			return err
		}
		origins = append(origins, origin)
		there := item{Title: r.Here().Reader().List(o.Clients), Sub: r.Say("Portal"), Icon: "house", Post: true, Href: "/switch?firm=" + o.FirmID.String()}
		if o.Office {
			there.Title, there.Sub, there.Icon = "Office", o.Name, "briefcase"
		}
		view.Groups = append(view.Groups, group{Title: o.Name, Items: []item{there}})
	}
	if len(origins) > 0 {
		r.FormsTo(origins...)
	}
	return r.Show("auth/choose", view)
}

// elsewhere are the other firms of the address. Somebody who has changed it here, and talked its owner into agreeing, would
// come into the owner's places with it: so it counts there only when a link mailed to it has signed in.
func (d *Door) elsewhere(r *web.Request) ([]auth.Elsewhere, error) {
	v := r.Viewer()
	proved, err := addressProved(r.Context(), r.Tx(), v)
	if err != nil || !proved {
		return nil, err
	}
	return auth.FindElsewhere(r.Context(), d.Ops, v)
}

func placeItem(v auth.Viewer, i auth.Identity) item {
	it := item{Title: i.ClientName, Sub: v.Reader().Say("Portal"), Icon: "house", Post: true, PhotoURL: files.URL(i.ClientLogo, "thumb"), Href: "/switch?as=" + i.ContactID.String()}
	if i.Side == auth.Office {
		it = item{Title: "Office", Sub: v.Firm.Name, Icon: "briefcase", Post: true, Href: "/switch?as=office"}
	}
	if !i.Open() {
		it.Sub = "The portal is closed for now"
	}
	if i.Side == v.Side && i.ContactID == v.ContactID {
		it.Current, it.Post, it.Href = true, false, home(v)
	}
	return it
}

// switchTo moves to another place of the same person. Nothing is mixed: it is another session.
func (d *Door) switchTo(r *web.Request) error {
	if firm := r.Query("firm"); firm != "" {
		id, err := uuid.Parse(firm)
		if err != nil {
			return fault.NotFound()
		}
		return d.handOver(r, id)
	}
	v, as := r.Viewer(), r.Query("as")
	identities, err := auth.Identities(r.Context(), r.Tx(), v.FirmID(), v.PersonID)
	if err != nil {
		return err
	}
	for _, i := range identities {
		if as == "office" && i.Side == auth.Office || i.Side == auth.Portal && as == i.ContactID.String() {
			token, err := auth.SwitchTo(r.Context(), r.Tx(), v, i)
			if auth.NeedsSSO(err) {
				return r.Go("/sign-in/sso")
			}
			if auth.NeedsMail(err) {
				return d.turnedAway(r, err)
			}
			if err != nil {
				return err
			}
			r.SetSession(token)
			return r.Go(home(auth.Viewer{Side: i.Side}))
		}
	}
	return fault.NotFound()
}

// handOver leads into another firm with a link that lives a minute. Its page there asks once more before it signs in.
func (d *Door) handOver(r *web.Request, firm uuid.UUID) error {
	v := r.Viewer()
	others, err := d.elsewhere(r)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.FirmID != firm {
			continue
		}
		var token string
		err := db.InTx(r.Context(), d.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
			token, err = link.IssueHandover(ctx, tx, v, o, "")
			return err
		})
		if err != nil {
			return err
		}
		origin, err := d.Links.Origin(r.Context(), firm)
		if err != nil {
			return err
		}
		return r.GoTo(origin + "/sign-in/link/" + url.PathEscape(token))
	}
	return fault.NotFound()
}
