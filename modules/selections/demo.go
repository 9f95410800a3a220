package selections

import (
	"bytes"
	"context"
	"embed"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/comment"
	"portico/platform/day"
	"portico/platform/demo"
	"portico/platform/files"
	"portico/platform/lang"
	"portico/platform/plan"
)

// The demo's pictures were drawn for it.
//
//go:embed demo
var pictures embed.FS

// chapter is a selection of the story.
type chapter struct {
	project, category, room, title string
	instructions, notes            string
	pool                           string // a shared allowance; "": none, or one of its own
	own                            int64
	due                            int // days from now; 0: none
	optional, proposes, fixed      bool
	draft                          bool
	choices                        []chapterChoice
	picked                         string // by ana; approved when done
	done                           bool
	ordered                        int // days ago
	asks                           string
	after                          string // of the schedule, on which the deadline hangs, and how many days after its end
	offset                         int
}

type chapterChoice struct {
	title, text, picture, vendor string
	cost, price                  int64 // price 0: to be priced
}

// tilePool is what the contract has for tiles.
const tilePool = "Tile, kitchen and bath"

var mapleStreet = []chapter{
	{category: "Cabinets and counters", room: "Kitchen", title: "Cabinet fronts", own: 14_000_00, due: -30, picked: "Shaker, sage", done: true, ordered: 18,
		instructions: "All fronts have soft-close hinges. The pulls come with them.",
		choices: []chapterChoice{
			{"Shaker, sage", "Painted maple, brushed brass pulls.", "shaker-sage", "Mill & Main", 11_200_00, 13_800_00},
			{"Shaker, cream", "Painted maple, black pulls.", "shaker-cream", "Mill & Main", 11_000_00, 13_600_00},
			{"Slatted oak", "Oiled white oak, vertical slats.", "oak-slat", "Mill & Main", 12_900_00, 16_250_00},
		}},
	{category: "Cabinets and counters", room: "Kitchen", title: "Countertop", own: 5_400_00, due: -12, picked: "Quartz, Calacatta", done: true, ordered: 6,
		choices: []chapterChoice{
			{"Quartz, Calacatta", "Engineered stone, 1¼ inch, eased edge. Needs no sealing.", "quartz-calacatta", "Austin Stoneworks", 4_300_00, 5_250_00},
			{"Soapstone", "Natural stone. It darkens with oil and shows its life.", "soapstone", "Austin Stoneworks", 5_050_00, 6_100_00},
			{"Butcher block, walnut", "Oiled twice a year. Warm, and kind to plates.", "butcher-block", "Austin Stoneworks", 2_350_00, 2_900_00},
		}},
	{category: "Tile", room: "Kitchen", title: "Backsplash tile", pool: tilePool, due: 8, proposes: true,
		instructions: "It runs from the counter to the hood, 34 square feet. We order it two weeks before it is laid.",
		notes:        "The tile setter asks 12% more for zellige; it is in the cost.",
		after:        "Drywall", offset: -6,
		asks: "Does the sage zellige come in a matte glaze, too?",
		choices: []chapterChoice{
			{"Zellige, sage", "Hand-cut in Fez, 4 × 4 inches. Every tile is a little different.", "zellige-sage", "Atlas Tile", 1_120_00, 1_480_00},
			{"Zellige, sea", "Hand-cut in Fez, 4 × 4 inches, in deep blue.", "zellige-sea", "Atlas Tile", 1_230_00, 1_620_00},
			{"Subway, white", "3 × 8 inches, with a soft edge.", "subway-white", "Atlas Tile", 480_00, 690_00},
			{"Stacked clay", "2 × 8 inches, laid upright. Unglazed and sealed.", "stacked-clay", "Atlas Tile", 930_00, 1_240_00},
		}},
	{category: "Tile", room: "Upstairs bath", title: "Bathroom floor", pool: tilePool, due: 15, picked: "Hexagon, marble",
		instructions: "The floor is heated: all three are fine for it.",
		choices: []chapterChoice{
			{"Hexagon, marble", "Honed Carrara, 4 inches. Sealed by us, and again each year by you.", "hex-marble", "Atlas Tile", 1_610_00, 2_150_00},
			{"Hexagon, slate", "Porcelain, 4 inches. Nothing to seal.", "hex-slate", "Atlas Tile", 1_380_00, 1_890_00},
			{"Terrazzo", "Large cement tiles with chips of stone, 24 × 24 inches.", "terrazzo", "Atlas Tile", 1_890_00, 2_480_00},
		}},
	{category: "Lighting", room: "Kitchen", title: "Pendant lights", own: 900_00, due: 3, proposes: true,
		instructions: "Two of them, above the island.",
		choices: []chapterChoice{
			{"Brass dome", "Spun brass that ages.", "pendant-brass", "Lumen Supply", 610_00, 840_00},
			{"Opal globe", "Blown glass, a soft light all around.", "pendant-opal", "Lumen Supply", 540_00, 760_00},
			{"Black cone", "Powder-coated steel, white inside.", "pendant-black", "Lumen Supply", 0, 0},
		}},
	{category: "Plumbing", room: "Kitchen", title: "Kitchen faucet", own: 450_00, due: -2,
		choices: []chapterChoice{
			{"Arc, brushed brass", "Pulls out, 360 degrees.", "faucet-brass", "Hill Country Plumbing", 455_00, 620_00},
			{"Square, steel", "One lever, a calm line.", "faucet-steel", "Hill Country Plumbing", 290_00, 410_00},
		}},
	{category: "Plumbing", room: "Upstairs bath", title: "Heated towel rail", due: 15, optional: true,
		instructions: "Only if you want one: the cable is there in any case.",
		choices:      []chapterChoice{{"Towel rail, brushed steel", "20 × 47 inches, with a timer.", "", "Hill Country Plumbing", 390_00, 540_00}}},
	{category: "Floors", room: "Living room", title: "Oak floor", fixed: true, instructions: "White oak, 5 inches wide, oiled. It runs through to the kitchen without a threshold.",
		choices: []chapterChoice{{"White oak, natural oil", "5 inches, site-finished.", "oak-floor", "Plank & Co", 7_100_00, 9_200_00}}},
	{category: "Lighting", room: "Upstairs bath", title: "Mirror and sconces", draft: true, notes: "Wait for the electrician's price.",
		choices: []chapterChoice{{"Round mirror, two sconces", "", "", "Lumen Supply", 0, 0}}},
}

// others are the selections of other clients.
var others = []chapter{
	{project: "lakeview-house", category: "Outside", room: "Boat shed", title: "Door of the boat shed", due: -90, choices: []chapterChoice{{"Cedar, oiled", "", "butcher-block", "Plank & Co", 800_00, 1_150_00}}},
}

var harbor = []chapter{
	{project: "winter-gala", category: "Tables", room: "Hall", title: "HARBOR-ONLY flowers", own: 2_000_00, due: 9, choices: []chapterChoice{
		{"White hellebores", "Low bowls, candles between them.", "", "Bloom Market", 1_500_00, 1_900_00}, {"Winter branches", "Tall vases with larch and rose hips.", "", "Bloom Market", 1_700_00, 2_240_00}}},
}

// tell lets the Riveras choose for their remodel.
func (d desk) tell(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	if !s.Size.Empty() {
		return nil // a big demo is about numbers
	}
	chapters, author := harbor, s.People["felix"]
	if s.Main {
		chapters, author = append(mapleStreet[:len(mapleStreet):len(mapleStreet)], others...), s.People["ben"]
	}
	v := auth.Viewer{Side: auth.Office, Firm: s.Firm, PersonID: author.ID, Name: author.Name}
	pools, drawn := map[string]uuid.UUID{}, map[string]uuid.UUID{}
	for _, c := range chapters {
		key := c.project
		if key == "" {
			key = "maple-street"
		}
		p, err := projectByID(ctx, tx, v, s.Projects[key].ID)
		if err != nil {
			return err
		}
		if c.pool != "" && pools[c.pool] == uuid.Nil {
			if pools[c.pool], err = saveAllowance(ctx, tx, v, p, Allowance{Title: c.pool, Amount: 3_200_00, Shared: true, Notes: "The contract has 3,200 for both rooms."}); err != nil {
				return err
			}
		}
		if err := d.tellOne(ctx, tx, s, v, p, c, pools[c.pool], drawn); err != nil {
			return fmt.Errorf("%s: %w", c.title, err)
		}
	}
	return nil
}

func (d desk) tellOne(ctx context.Context, tx bun.Tx, s *demo.Story, v auth.Viewer, p project, c chapter, pool uuid.UUID, drawn map[string]uuid.UUID) error {
	one := Selection{
		ClientID: p.ClientID, ProjectID: p.ID, AllowanceID: pool, Kind: ToChoose, Title: c.title, Instructions: c.instructions, Notes: c.notes, Required: !c.optional,
		MayPropose: c.proposes, MayDecline: c.proposes, Category: c.category, Room: c.room, Currency: p.Currency,
	}
	var err error
	if one.CategoryID, err = headingCalled(ctx, tx, v, p, "category", c.category); err != nil {
		return err
	}
	if one.RoomID, err = headingCalled(ctx, tx, v, p, "room", c.room); err != nil {
		return err
	}
	if c.own > 0 {
		if one.AllowanceID, err = saveAllowance(ctx, tx, v, p, Allowance{Title: c.title, Amount: c.own}); err != nil {
			return err
		}
	}
	if c.fixed {
		one.Kind = Spec
	}
	if c.due != 0 {
		one.DueOn = day.Of(s.Day(c.due))
	}
	if c.after != "" {
		if err := d.hang(ctx, tx, v, &one, c); err != nil {
			return err
		}
	}
	for _, choice := range c.choices {
		one.Choices = append(one.Choices, Choice{Title: choice.title})
	}
	if one.ID, err = addSelection(ctx, tx, v, one); err != nil {
		return err
	}
	one.Choices = nil
	var picked Choice
	for _, each := range c.choices {
		made, err := d.tellChoice(ctx, tx, v, one, each, drawn)
		if err != nil {
			return err
		}
		if one.Choices = append(one.Choices, made); each.title == c.picked {
			picked = made
		}
	}
	if c.draft {
		return nil
	}
	if err := setState(ctx, tx, v, one, Released, s.Now.AddDate(0, 0, min(c.due, 0)-9)); err != nil {
		return err
	}
	ana := s.People["ana"]
	client := auth.Viewer{Side: auth.Portal, Firm: s.Firm, PersonID: ana.ID, ContactID: ana.ContactID, ClientID: p.ClientID, ClientName: p.ClientName, Name: ana.Name}
	if c.asks != "" {
		if _, _, err := comment.Add(ctx, tx, client, one.thing(), comment.Form{Text: c.asks}); err != nil {
			return err
		}
	}
	if c.picked == "" {
		return nil
	}
	if err := savePick(ctx, tx, v, one, picked, true); err != nil {
		return err
	}
	act, text := "chosen", lang.M("chose “%s” for “%s”", picked.Title, one.Title)
	if c.done { // all of it within the allowance
		if err := approvePicks(ctx, tx, v, one); err != nil {
			return err
		}
		if err := setState(ctx, tx, v, one, Approved, s.Now.AddDate(0, 0, c.due-1)); err != nil {
			return err
		}
		act, text = "approved", lang.M("approved %s for “%s”", "“"+picked.Title+"”", one.Title)
	}
	decided := s.Now.AddDate(0, 0, min(c.due, 0)-1)
	err = addDecision(ctx, tx, client, one, decision{
		act: act, picks: []Choice{picked}, account: account{Has: c.own > 0, Allowance: c.own}, said: said{Signature: ana.Name}, at: decided,
	})
	if err != nil {
		return err
	}
	err = activity.Record(ctx, tx, client, activity.Entry{
		Verb: "selections." + act, Said: text, ClientID: p.ClientID, ProjectID: p.ID, SubjectID: one.ID, ForClient: true, At: decided})
	if err != nil || c.ordered == 0 {
		return err
	}
	return setOrdered(ctx, tx, v, one, day.Of(s.Day(-c.ordered)), "Confirmed by phone.")
}

// hang lets a deadline follow the schedule, where somebody has told one before.
func (d desk) hang(ctx context.Context, tx bun.Tx, v auth.Viewer, one *Selection, c chapter) error {
	items, _, err := plan.Items.Ask(ctx, d.Board, plan.Question{Tx: tx, Viewer: v, ProjectID: one.ProjectID})
	for _, item := range items {
		if item.Title == c.after {
			one.ItemID, one.ItemTitle, one.ItemOffset, one.DueOn = item.ID, item.Title, c.offset, item.End.Add(c.offset)
		}
	}
	return err
}

func (d desk) tellChoice(ctx context.Context, tx bun.Tx, v auth.Viewer, one Selection, c chapterChoice, drawn map[string]uuid.UUID) (Choice, error) {
	made := Choice{Title: c.title, Text: c.text, Vendor: c.vendor}
	if c.price > 0 {
		made.Cost, made.Price = &c.cost, &c.price
	}
	var err error
	if made.ID, err = saveChoice(ctx, tx, v, one, made); err != nil || c.picture == "" {
		return made, err
	}
	if drawn[c.picture] == uuid.Nil {
		body, err := pictures.ReadFile("demo/" + c.picture + ".jpg")
		if err != nil {
			return made, err
		}
		row, err := d.Files.Take(ctx, tx, v, files.Upload{Purpose: purpose, Audience: files.ForSection, Name: c.picture + ".jpg", From: bytes.NewReader(body)})
		if err != nil {
			return made, err
		}
		drawn[c.picture] = row.ID
	}
	return made, addFile(ctx, tx, v, one, File{ChoiceID: made.ID, FileID: drawn[c.picture], Kind: "picture"})
}
