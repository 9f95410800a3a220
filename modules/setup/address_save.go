package setup

import (
	"context"
	"net/url"
	"time"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/firm"
	"portico/platform/web"
)

// moves is how often a firm may change its address: every change makes its people sign in again.
var moves = web.Limit{Name: "address", Tries: 5, Per: 24 * time.Hour}

type addressForm struct {
	Key string `form:"key"`
	Was string `form:"was"`
}

// saveAddress moves the portal. Whoever saves is taken along: a cookie belongs to one host.
func (d desk) saveAddress(r *web.Request) error {
	v := r.Viewer()
	var form addressForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	key := d.cleaned(form.Key)
	if there, err := d.confirmedFor(r, r.Path("setup", "address", "change")+"?key="+url.QueryEscape(key)); !there {
		return err
	}
	if key == v.Firm.Key {
		r.Toast("Nothing was changed.")
		return r.Go(r.Path("setup", "address"))
	}
	if form.Was != v.Firm.Key {
		return d.refused(r, form.Key, fault.Conflict("Somebody has changed the address while you had the page open. Look at it again."))
	}
	return d.move(r, key)
}

func (d desk) move(r *web.Request, key string) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view, err := d.changeView(r, key, false)
	if err != nil {
		return err
	}
	if view.SSO.Refused != "" {
		return d.refused(r, key, fault.Conflict(view.SSO.Refused))
	}
	if view.Moves && view.Stake.Own {
		return d.refused(r, key, fault.Conflict("Your only second factor is a passkey, and passkeys belong to the present address: you could not come in at the new one. Set up an authenticator app in your profile first."))
	}
	if err := firm.MayRename(ctx, tx, v, key); err != nil {
		return d.refused(r, key, err)
	}
	if _, ok := r.Allowed("firm", moves); !ok {
		return d.refused(r, key, fault.Conflict("The address was changed often today. Please wait until tomorrow: each change makes everybody sign in again."))
	}
	if err := firm.Rename(ctx, tx, v, key); err != nil {
		return d.refused(r, key, err)
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "firm.address", Text: "changed the portal's address", SubjectID: v.FirmID(),
		Data: map[string]any{"before": map[string]any{"address": view.Old}, "after": map[string]any{"address": view.New}},
	})
	if err != nil {
		return err
	}
	db.AfterCommit(ctx, func(context.Context) { d.Firms.Forget() })
	page := r.Path("setup", "address")
	if !view.Moves {
		r.Toast("Saved. Your links use another name and stay as they are.")
		return r.Go(page)
	}
	token, err := link.IssueHandover(ctx, tx, v, auth.Elsewhere{FirmID: v.FirmID()}, page)
	if err != nil {
		return err
	}
	return r.GoTo(view.New + "/sign-in/link/" + url.PathEscape(token))
}
