package setup

import (
	"strings"
	"time"

	"portico/platform/domain"
	"portico/platform/fault"
	"portico/platform/firm"
	"portico/platform/web"
)

// desk is where the firm's addresses are kept: its name below the installation, and domains of its own.
type desk struct {
	office
	leads *leads
}

// former is an address of the past, as the page shows it.
type former struct {
	firm.Former
	Address string
	Back    string // the way back to it
}

type addressView struct {
	*web.Here
	Trail   []web.NavItem
	Key     string // the firm's present one
	Typed   string
	Below   string // ".example.com"
	Address string // where the firm lives now
	ByKey   string // where it lives by its key, when links use another name
	Main    bool   // it lives at the installation's own name, because it is the only one or the main one
	Chosen  string // the domain that links use
	Preview preview
	Formers []former
	Domains []domainLine
	Domain  string // typed
	Most    bool   // there is room for no more domains
}

// preview is what becomes of a name that somebody types.
type preview struct {
	Address string
	Same    bool
	Free    bool
	Back    bool // it was the firm's own
	Wrong   string
}

func (d desk) at(key string) string { return d.Links.At(key + "." + d.Firms.Hosts().Base) }

func (d desk) addressView(r *web.Request, typed string) (addressView, error) {
	r.Title("Portal address")
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := addressView{Here: r.Here(), Trail: d.trail(r), Key: v.Firm.Key, Typed: typed, Below: "." + d.Firms.Hosts().Base + d.Links.Port}
	place, err := d.Firms.ByFirm(ctx, v.FirmID())
	if err != nil {
		return view, err
	}
	view.Address = d.Links.At(place.Host)
	if byKey := d.at(v.Firm.Key); byKey != view.Address {
		view.ByKey = byKey
	}
	view.Main = d.Firms.Hosts().Mine(place.Host)
	if view.Chosen, err = firm.Chosen(ctx, tx, v); err != nil {
		return view, err
	}
	formers, err := firm.Formers(ctx, tx, v)
	if err != nil {
		return view, err
	}
	for _, f := range formers {
		view.Formers = append(view.Formers, former{f, d.at(f.Key), r.Path("setup", "address", "change") + "?key=" + f.Key})
	}
	claims, err := domain.List(ctx, tx, v)
	if err != nil {
		return view, err
	}
	for _, c := range claims {
		view.Domains = append(view.Domains, domainLineOf(r, c, view.Chosen))
	}
	view.Most = len(claims) >= domain.Most
	view.Preview, err = d.previewOf(r, typed)
	return view, err
}

// cleaned is a name as it will be: people type capitals, blanks, and the whole address.
func (d desk) cleaned(typed string) string {
	key := strings.ToLower(strings.TrimSpace(typed))
	key = strings.TrimPrefix(strings.TrimPrefix(key, "https://"), "http://")
	key, _, _ = strings.Cut(key, "/")
	return strings.TrimSuffix(strings.TrimSuffix(key, d.Links.Port), "."+d.Firms.Hosts().Base)
}

func (d desk) previewOf(r *web.Request, typed string) (preview, error) {
	key := d.cleaned(typed)
	p := preview{Address: d.at(key), Same: key == r.Viewer().Firm.Key}
	if p.Same {
		return p, nil
	}
	err := firm.MayRename(r.Context(), r.Tx(), r.Viewer(), key)
	if f, ok := fault.Of(err); ok && f.Kind == fault.Bad {
		p.Wrong = f.Fields["key"]
		return p, nil
	}
	if err != nil {
		return p, err
	}
	formers, err := firm.Formers(r.Context(), r.Tx(), r.Viewer())
	for _, f := range formers {
		p.Back = p.Back || f.Key == key
	}
	p.Free = !p.Back
	return p, err
}

// address shows where the portal lives, and what would become of a name that is typed.
func (d desk) address(r *web.Request) error {
	typed := r.Query("key")
	if typed == "" {
		typed = r.Viewer().Firm.Key
	}
	if r.IsPart() && r.Header("HX-Target") == "address-preview" {
		p, err := d.previewOf(r, typed)
		if err != nil {
			return err
		}
		return r.Parts(web.Draw("setup/_address_preview", addressView{Here: r.Here(), Preview: p}))
	}
	view, err := d.addressView(r, typed)
	if err != nil {
		return err
	}
	return r.Show("setup/address", view)
}

type changeView struct {
	*web.Here
	Trail     []web.NavItem
	Key, Was  string
	Old, New  string
	Moves     bool // links change, and with them where people are signed in
	Until     time.Time
	Stake     atStake
	SSO       ssoMove
	Back      bool
	Discard   string
	KeysOnly  string
	KeysCount int
}

// change shows what a new name means before it is saved.
func (d desk) change(r *web.Request) error {
	v, key := r.Viewer(), d.cleaned(r.Query("key"))
	if key == v.Firm.Key || key == "" {
		return r.Go(r.Path("setup", "address"))
	}
	if err := v.Confirmed(r.Now()); err != nil { // what was typed is in the address, and comes back with it
		return err
	}
	p, err := d.previewOf(r, key)
	if err != nil {
		return err
	}
	if p.Wrong != "" {
		return d.refused(r, r.Query("key"), fault.Field("key", p.Wrong))
	}
	view, err := d.changeView(r, key, p.Back)
	if err != nil {
		return err
	}
	if view.Moves {
		r.FormsTo(view.New)
	}
	return r.Show("setup/address_change", view)
}

func (d desk) changeView(r *web.Request, key string, back bool) (changeView, error) {
	r.Title("Change the portal address")
	v := r.Viewer()
	view := changeView{
		Here: r.Here(), Trail: append(d.trail(r), web.NavItem{Title: "Portal address", Href: r.Path("setup", "address")}),
		Key: key, Was: v.Firm.Key, Old: d.at(v.Firm.Key), New: d.at(key), Back: back, Until: r.Here().Now.AddDate(1, 0, 0),
		Discard: r.Path("setup", "address"),
	}
	place, err := d.Firms.ByFirm(r.Context(), v.FirmID())
	if err != nil {
		return view, err
	}
	view.Moves = place.Host == v.Firm.Key+"."+d.Firms.Hosts().Base
	if view.Stake, err = findAtStake(r.Context(), r.Tx(), v); err != nil {
		return view, err
	}
	view.KeysOnly, view.KeysCount = strings.Join(view.Stake.KeysOnly, ", "), len(view.Stake.KeysOnly)
	if view.Moves {
		view.SSO, err = ssoMoves(r, view.New)
	}
	return view, err
}

// refused shows the page again, with what is wrong beside the field.
func (d desk) refused(r *web.Request, typed string, wrong error) error {
	view, err := d.addressView(r, typed)
	if err != nil {
		return err
	}
	return r.Again("setup/address", view, wrong)
}
