package profile

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/push"
	"portico/platform/web"
)

// pushView is what a person's own devices are told: here it is switched on, tried and taken back.
type pushView struct {
	*web.Here
	Key     string // what browsers ask their push service with; "": the installation sends no messages
	Devices []push.Device
	On      bool // here
}

// Browser is a device in the reader's words.
func (v pushView) Browser(d push.Device) string { return nameOf(v.Here, d.Agent) }

func (p pages) pushView(r *web.Request) (pushView, error) {
	view := pushView{Here: r.Here(), Key: p.Push.PublicKey()}
	devices, err := push.Devices(r.Context(), r.Tx(), r.Viewer())
	view.Devices = devices
	for _, d := range devices {
		view.On = view.On || d.Here
	}
	return view, err
}

func (p pages) push(r *web.Request) error {
	r.Title("Messages on your devices")
	view, err := p.pushView(r)
	if err != nil {
		return err
	}
	if r.IsPart() {
		return r.Parts(web.Draw("profile/_push", view))
	}
	return r.Show("profile/push", view)
}

func (p pages) pushOn(r *web.Request) error {
	view, err := p.pushView(r)
	if err != nil {
		return err
	}
	_, err = p.Push.Register(r.Context(), r.Tx(), r.Viewer(), push.Subscription{
		Endpoint: r.RawValue("endpoint"), P256dh: r.RawValue("p256dh"), Auth: r.RawValue("auth"),
	}, r.Agent())
	if err != nil {
		return r.Again("profile/push", view, err)
	}
	if err := p.record(r, "profile.push", "turned on messages on a device", nil); err != nil {
		return err
	}
	r.Toast("Messages will appear on this device.")
	return r.Go(r.Path("profile", "push"))
}

func (p pages) pushOff(r *web.Request) error {
	device, err := r.ID("device")
	if err != nil {
		return err
	}
	if err := push.Remove(r.Context(), r.Tx(), r.Viewer(), device); err != nil {
		return err
	}
	if err := p.record(r, "profile.push", "turned off messages on a device", nil); err != nil {
		return err
	}
	r.Toast("That device is told nothing more.")
	return r.Go(r.Path("profile", "push"))
}

func (p pages) pushTry(r *web.Request) error {
	device, err := r.ID("device")
	if err != nil {
		return err
	}
	err = p.Push.Try(r.Context(), r.Tx(), r.Viewer(), device, push.Message{
		Title: r.Firm().Name, Body: r.Here().Reader().Say("This is how messages look on this device."), Path: r.Path("profile", "push"), Tag: "test",
	})
	if err != nil {
		return err
	}
	r.Toast("The message is on its way.")
	return r.Go(r.Path("profile", "push"))
}

// ownDevices is for the export of the own data.
func ownDevices(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Table, error) {
	list, err := push.Devices(ctx, tx, v)
	t := module.Table{Name: "message_devices", Columns: []string{"browser", "created_at", "last_message_at"}}
	for _, d := range list {
		t.Rows = append(t.Rows, []string{d.Agent, stamp(d.CreatedAt), stamp(d.LastOkAt)})
	}
	return []module.Table{t}, err
}
