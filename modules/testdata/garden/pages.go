package garden

import (
	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

type pages struct{ module.Platform }

type plantsView struct {
	*web.Here
	Plants []plant
	Beds   []bed
	Form   sowForm
	Fells  bool
}

type plantView struct {
	*web.Here
	Plant plant
}

func (p pages) index(r *web.Request) error {
	r.Title("Garden")
	list, err := plants(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	return r.Show("garden/index", plantsView{Here: r.Here(), Plants: list})
}

func (p pages) harvest(r *web.Request) error { return p.index(r) }

func (p pages) plant(r *web.Request) error {
	id, err := r.ID("plant")
	if err != nil {
		return err
	}
	plant, err := findPlant(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	r.Title(plant.Name)
	return r.Show("garden/plant", plantView{Here: r.Here(), Plant: plant})
}

func (p pages) bloom(r *web.Request) (part web.Part, ok bool, err error) {
	list, err := plants(r.Context(), r.Tx(), r.Viewer())
	if err != nil || len(list) == 0 {
		return part, false, err
	}
	return web.Draw("garden/_bloom", plantsView{Here: r.Here(), Plants: list}), true, nil
}

func (p pages) beds(r *web.Request) error {
	view, err := p.view(r, sowForm{})
	if err != nil {
		return err
	}
	return r.Show("garden/beds", view)
}

func (p pages) view(r *web.Request, form sowForm) (view plantsView, err error) {
	r.Title("Garden")
	view = plantsView{Here: r.Here(), Form: form, Fells: r.Viewer().May(fell)}
	if view.Plants, err = plants(r.Context(), r.Tx(), r.Viewer()); err != nil {
		return view, err
	}
	view.Beds, err = beds(r.Context(), r.Tx(), r.Viewer())
	return view, err
}

type sowForm struct {
	Name    string    `form:"name"`
	Project uuid.UUID `form:"project"`
}

func (f *sowForm) Check() fault.Fields {
	if f.Name == "" {
		return fault.Fields{"name": "Say what grows."}
	}
	return nil
}

func (p pages) sow(r *web.Request) error {
	var form sowForm
	if problem := r.Bind(&form); problem != nil {
		view, err := p.view(r, form)
		if err != nil {
			return err
		}
		return r.Again("garden/beds", view, problem)
	}
	id, err := sow(r.Context(), r.Tx(), r.Viewer(), form.Project, form.Name)
	if err != nil {
		return err
	}
	if _, err := watering.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), thirsty{id}); err != nil {
		return err
	}
	r.Toast(form.Name + " is in the ground.")
	view, err := p.view(r, sowForm{})
	if err != nil {
		return err
	}
	return r.Done(r.Path("garden"), web.Draw("garden/beds", view))
}

func (p pages) uproot(r *web.Request) error {
	id, err := r.ID("plant")
	if err != nil {
		return err
	}
	if err := uproot(r.Context(), r.Tx(), r.Viewer(), id); err != nil {
		return err
	}
	return r.Go(r.Path("garden"))
}
