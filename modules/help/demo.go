package help

import (
	"context"
	"embed"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/demo"
)

// The demo's articles are files: a head of lines "name: value", an empty line, and the text. Their order is that of
// their names.
//
//go:embed demo
var chapters embed.FS

// tell gives a firm of the story the articles of its kind, and the Riveras' question with its answer.
func tell(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	if !s.Size.Empty() {
		return nil // a big demo is about numbers
	}
	folder := "demo/" + s.Firm.Kind
	names, err := chapters.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("demo articles: %w", err)
	}
	teller := auth.Viewer{Side: auth.Program, Firm: s.Firm}
	bySlug := map[string]Article{}
	for _, name := range names {
		text, err := chapters.ReadFile(folder + "/" + name.Name())
		if err != nil {
			return err
		}
		form := chapter(string(text))
		if wrong := form.Check(); len(wrong) > 0 {
			return fmt.Errorf("demo article %s: %v", name.Name(), wrong)
		}
		a, err := addArticle(ctx, tx, teller, form)
		if err != nil {
			return err
		}
		bySlug[a.Slug] = a
	}
	if !s.Main {
		return nil
	}
	return tellQuestions(ctx, tx, s, bySlug)
}

func chapter(text string) articleForm {
	head, body, _ := strings.Cut(text, "\n\n")
	form := articleForm{Kind: Page, Audience: ForAll, Publish: true, Body: body}
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch name {
		case "title":
			form.Title = value
		case "kind":
			form.Kind = Kind(value)
		case "section":
			form.Section = value
		case "for":
			form.Audience = Audience(value)
		case "draft":
			form.Publish = false
		}
	}
	return form
}

func tellQuestions(ctx context.Context, tx bun.Tx, s *demo.Story, articles map[string]Article) error {
	ana, grace, ben := s.People["ana"], s.People["grace"], s.People["ben"]
	if ana.ID == ben.ID || grace.ID == ben.ID { // another story: nobody to ask
		return nil
	}
	as := func(p demo.Person) auth.Viewer {
		return auth.Viewer{Side: auth.Portal, Firm: s.Firm, PersonID: p.ID, ContactID: p.ContactID, ClientID: p.ClientID, Name: p.Name}
	}
	draws := articles["how-draws-work"]
	if err := vote(ctx, tx, as(ana), draws.ID, "yes"); err != nil {
		return err
	}
	if err := vote(ctx, tx, as(grace), draws.ID, "yes"); err != nil {
		return err
	}
	question, _, err := addQuestion(ctx, tx, as(ana), newQuestion{
		Article: articles["choosing-your-selections"].ID,
		Text:    "We love a tile that is not in the showroom list. Can we bring our own, and does it change the price of laying it?",
	})
	if err != nil {
		return err
	}
	answer := "Gladly. Send us the name of the tile and where you saw it; Ben orders a sample.\nLaying costs the same for tiles up to 24 inches. Larger ones, and mosaics, take longer: you will see the difference before you decide."
	err = tellAnswer(ctx, tx, s, question, ben.ID, answer)
	if err != nil {
		return err
	}
	_, _, err = addQuestion(ctx, tx, as(grace), newQuestion{Text: "The door of the boat shed sticks a little since the rain. Is that covered, and whom do we call?"})
	return err
}
