package envelopes

import (
	"embed"

	"github.com/google/uuid"
)

//go:embed templates
var texts embed.FS

// builtins are the templates that the program brings: a firm reads them over, and makes them its own.
var builtins = []Template{
	builtin("contract", Contract, "Remodel contract", "{{project}}: contract", "On signing, 10%\nDemolition done, 25%\nRough work inspected, 30%\nCabinets and finishes in, 25%\nFinal walk-through, 10%"),
	builtin("change_order", ChangeOrder, "Change order", "{{project}}: change to your contract", ""),
	builtin("proposal", Proposal, "Proposal", "{{project}}: our proposal", ""),
}

func builtin(file string, kind Kind, name, title, stages string) Template {
	body, err := texts.ReadFile("templates/" + file + ".md")
	if err != nil {
		panic("envelopes: " + err.Error())
	}
	return Template{ID: uuid.NewSHA1(uuid.Nil, []byte("envelopes template "+file)), Kind: kind, Name: name, Title: title, Body: string(body), Stages: stages, Builtin: true}
}
