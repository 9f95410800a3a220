package profile_test

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"portico/modules/profile"
	"portico/platform/portaltest"
)

func TestAPasskeyIsAddedRenamedAndRemoved(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site := portaltest.Open(t, profile.Module)
	ana := site.Chrome(t, "ana", 360, true)
	ana.Run(webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}).Do(ctx)
		return err
	}))
	ana.Open("/portal/all/profile/passkeys").Fill("Name of the device", "My old phone").Press("Add a passkey")
	ana.Until("it is kept", `document.body.innerText.includes("My old phone")`)
	ana.Fits(t).Axe(t)
	site.As("ana").Open("/portal/all/profile/passkeys").Fill("Name", "My blue phone").Press("Save").Sees(t, "My blue phone")
	ana.Open("/portal/all/profile").Sees(t, "1 device")
	tom := site.As("tom")
	id := text(t, site, "select replace(replace(rtrim(translate(encode(id, 'base64'), E'\n', ''), '='), '+', '-'), '/', '_') from passkey")
	if a := tom.Post("/portal/all/profile/passkeys/"+id+"?_method=DELETE", nil); a.Status != 404 {
		t.Errorf("another's passkey: %d", a.Status)
	}
	ana.Open("/portal/all/profile/passkeys").Press("Remove My blue phone").Until("it is gone", `!document.body.innerText.includes("My blue phone")`)
}
