package setup

import (
	"portico/platform/access"
	"portico/platform/auth/sso"
	"portico/platform/fault"
	"portico/platform/web"
)

// ssoMove is what a move of the portal means for single sign-on: the firm's provider sends people back to one address,
// and that one moves along. The zero ssoMove: single sign-on is off, or the address stays.
type ssoMove struct {
	Provider string // its name
	Callback string // the address that has to be entered there
	Required bool   // staff come in no other way
	Refused  string // why the viewer may not move the portal; "": they may
}

// ssoMoves says what it means for single sign-on when the portal moves to an origin.
func ssoMoves(r *web.Request, origin string) (ssoMove, error) {
	if r.Firm().SSO == "" {
		return ssoMove{}, nil
	}
	p, err := sso.Get(r.Context(), r.Tx(), r.Firm().ID)
	if err != nil {
		return ssoMove{}, err
	}
	move := ssoMove{Provider: p.Name, Callback: origin + sso.Callback, Required: p.Required}
	if p.Required && !r.Viewer().Role.AtLeast(access.Owner) {
		move.Refused = "Staff come in with " + p.Name + " alone, which sends them back to the present address. So only an owner can move the portal: please ask one."
	}
	return move, nil
}

// mayMove refuses where a move could lock out everybody but the owners, and the viewer is none of them.
func mayMove(r *web.Request) error {
	move, err := ssoMoves(r, "")
	if err == nil && move.Refused != "" {
		err = fault.Conflict(move.Refused)
	}
	return err
}
