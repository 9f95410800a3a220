package dailylogs

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/comment"
	"portico/platform/day"
	"portico/platform/demo"
	"portico/platform/files"
	"portico/platform/id"
)

// chapter is one day of the demo.
type chapter struct {
	project, author string
	ago             int // days
	text, client    string
	notes           string
	sky             string
	high, low       int
	note            string
	people          []Present
	photos          []scene
	tags            []string
	answers         map[string]string
	hidden          bool // not shared
	edited          string
	draft           bool
	says, answer    string // what Ana says, and what the author answers
}

// scene is a photo of the demo: drawn, because a picture of a stranger's house would be no better.
type scene struct {
	caption string
	hue     int // of the wall
	hidden  bool
}

var (
	crew     = []Present{{"Diego Santos", 1, 480}, {"Northgate crew", 3, 480}}
	plumbers = Present{"Riverside Plumbing", 2, 360}
	electric = Present{"Bright Electric", 2, 420}
)

var mapleStreet = []chapter{
	{project: "maple-street", author: "diego", ago: 33, text: "Set up dust walls and floor protection from the front door to the kitchen. Took out the old cabinets and the counter; they go to the reuse store on Friday.", sky: "clear", high: 74, low: 55, people: crew, tags: []string{"Demolition"}, photos: []scene{{"Dust wall at the hallway", 0, false}, {"The old kitchen, empty", 1, false}}},
	{project: "maple-street", author: "diego", ago: 26, text: "The wall between kitchen and living room is out. The beam was delivered at 10 and lifted in before lunch; temporary posts stay until the inspector has seen it.", notes: "Beam supplier charged 340 for the second trip. Ask Priya before it goes anywhere.", sky: "partly", high: 71, low: 52, people: append([]Present{{"Lone Star Steel", 2, 180}}, crew...), tags: []string{"Structure"}, photos: []scene{{"The beam goes in", 2, false}, {"Living room seen from the kitchen", 3, false}, {"Temporary posts", 1, false}}, says: "We stood there for ten minutes last night. So much light! Is the beam going to be boxed in white?", answer: "Yes, in the same white as the ceiling. You will see a sample next week."},
	{project: "maple-street", author: "diego", ago: 19, text: "City inspector passed the beam and the framing. Posts are out. Framing of the pantry and the new doorway is done.", sky: "cloudy", high: 66, low: 51, people: crew, tags: []string{"Structure", "Inspection"}, photos: []scene{{"Pantry framing", 4, false}, {"Inspection card, signed", 5, false}}, edited: "City inspector passed the beam and the framing. Posts are out. Framing of the pantry is done; the new doorway follows on Monday."},
	{project: "maple-street", author: "diego", ago: 12, text: "Plumbing rough-in for the kitchen and the upstairs bath. Found an old lead pipe behind the stairs and replaced it while the wall is open.", client: "Plumbing rough-in for the kitchen and the upstairs bath. We found an old pipe behind the stairs and replaced it while the wall is open, at no extra cost.", notes: "Absorb the lead pipe, about 4 hours of Riverside.", sky: "rain", high: 61, low: 49, note: "Rain until noon; deliveries came through the garage.", people: append([]Present{plumbers}, crew...), tags: []string{"Plumbing"}, photos: []scene{{"New supply lines", 6, false}, {"The old pipe", 7, false}, {"Receipt for fittings", 8, true}}, answers: map[string]string{"Is anything late, or missing?": "The shower valve comes on Thursday.", "Was everybody safe?": "Yes"}},
	{project: "maple-street", author: "ben", ago: 8, text: "Internal walk with Diego: two outlets in the island have to move, and the pantry door swings the wrong way. To be told when we have a price.", notes: "Do not share before the change is priced.", sky: "wind", high: 63, low: 47, people: []Present{{"Ben Lindqvist", 1, 60}, {"Diego Santos", 1, 60}}, tags: []string{"Punch list"}, hidden: true},
	{project: "maple-street", author: "diego", ago: 5, text: "Electrical rough-in is done: 14 outlets, lights over the island, and the under-cabinet line. Tomorrow the walls are photographed before they are closed.", sky: "clear", high: 69, low: 48, people: append([]Present{electric}, crew...), tags: []string{"Electrical"}, photos: []scene{{"Lights over the island", 9, false}, {"Panel, labelled", 10, false}, {"Outlets in the pantry", 4, false}}, answers: map[string]string{"Was everybody safe?": "Yes", "Is anything late, or missing?": "Nothing."}},
	{project: "maple-street", author: "diego", ago: 1, text: "Insulation is in, and every open wall is photographed for your records. Drywall is on site for Monday. The backsplash tile is the next thing that we need from you.", sky: "partly", high: 68, low: 46, people: crew, tags: []string{"Insulation", "Delivery"}, photos: []scene{{"North wall, open", 11, false}, {"East wall, open", 12, false}, {"South wall, open", 13, false}, {"Stairs, open", 7, false}, {"Upstairs bath, open", 6, false}, {"Ceiling above the island", 9, false}, {"Pantry, open", 4, false}, {"Drywall delivery", 14, false}}, answers: map[string]string{"Was everybody safe?": "Yes"}, says: "Thank you for the open-wall photos. Could you also take one of the wall behind the bathtub?"},
	{project: "maple-street", author: "diego", ago: 0, text: "Drywall hung on the north and east walls.", people: crew, draft: true, photos: []scene{{"", 14, false}}},
	{project: "lakeview-house", author: "ben", ago: 40, text: "Final clean and walk-through with Grace. Punch list is empty. Keys, manuals and warranty cards are on the kitchen counter.", sky: "clear", high: 76, low: 58, people: []Present{{"Ben Lindqvist", 1, 180}}, tags: []string{"Handover"}, photos: []scene{{"The house from the lake", 15, false}, {"Kitchen, ready", 16, false}}},
}

var gala = []chapter{
	{project: "winter-gala", author: "felix", ago: 2, text: "HARBOR-ONLY stage measured, power for the band agreed with the hall.", people: []Present{{"Felix Brandt", 1, 120}}, tags: []string{"Venue"}, photos: []scene{{"HARBOR-ONLY stage", 3, false}}},
}

var demoQuestions = []questionForm{
	{Text: "Is anything late, or missing?", Kind: "text", Category: "client"},
	{Text: "Was everybody safe?", Kind: "yesno", Category: "internal", Required: true},
	{Text: "Open walls before they are closed", Kind: "text", Category: "photos"},
}

// story tells it.
type story struct {
	journal
	*demo.Story
	tags      map[string]uuid.UUID
	questions map[string]Question
}

// tell writes a remodel's diary where the story has its projects.
func (j journal) tell(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	if !s.Size.Empty() {
		return nil // a big demo is about numbers
	}
	t := story{j, s, map[string]uuid.UUID{}, map[string]Question{}}
	chapters, asked := gala, demoQuestions[:1]
	if s.Main {
		chapters, asked = mapleStreet, demoQuestions
	}
	v := auth.Viewer{Side: auth.Office, Firm: s.Firm, PersonID: s.People[chapters[0].author].ID, Role: access.Owner}
	for _, f := range asked {
		question, err := addQuestion(ctx, tx, v, f)
		if err != nil {
			return err
		}
		t.questions[f.Text] = Question{ID: question, Text: f.Text, Category: f.Category}
	}
	for _, c := range chapters {
		if err := t.day(ctx, tx, c); err != nil {
			return err
		}
	}
	return nil
}

func (t story) day(ctx context.Context, tx bun.Tx, c chapter) error {
	author, project := t.People[c.author], t.Projects[c.project]
	v := auth.Viewer{Side: auth.Office, Firm: t.Firm, PersonID: author.ID, Name: author.Name, Role: access.Owner}
	log, _, err := start(ctx, tx, v, work{ID: project.ID, ClientID: project.ClientID}, day.Of(t.Day(-c.ago)), "F")
	if err != nil {
		return err
	}
	l, err := logByID(ctx, tx, v, log)
	if err != nil {
		return err
	}
	l.Text, l.ClientText, l.Notes, l.TextShown = c.text, c.client, c.notes, true
	if c.sky != "" {
		l.Weather = Weather{Sky: c.sky, High: &c.high, Low: &c.low, Unit: "F", WeatherNote: c.note, WeatherFrom: "hand"}
	}
	var answers []Answer
	for _, f := range demoQuestions {
		if text := c.answers[f.Text]; text != "" {
			q := t.questions[f.Text]
			answers = append(answers, Answer{QuestionID: q.ID, Asked: q.Text, Category: q.Category, Text: text, Shown: q.Category == "client"})
		}
	}
	if err := t.keep(ctx, tx, v, l, c, answers); err != nil || c.draft {
		return err
	}
	for i, text := range []string{c.edited, c.text} { // what was edited was submitted before
		if text == "" {
			continue
		}
		l.Text = text
		_, err := submit(ctx, tx, v, l, tell(l, c.people, answers), Kept{l.Text, true, l.ClientText, l.Notes, l.Weather, c.people, answers}, !c.hidden, t.Day(-c.ago))
		if err == nil && i == 0 {
			err = reopen(ctx, tx, v, l.ID)
		}
		if err != nil {
			return err
		}
	}
	if err := backdate(ctx, tx, v, l.ID, t.Day(-c.ago)); err != nil {
		return err
	}
	return t.talk(ctx, tx, v, l, c)
}

func (t story) keep(ctx context.Context, tx bun.Tx, v auth.Viewer, l Log, c chapter, answers []Answer) error {
	if err := saveLog(ctx, tx, v, l); err != nil {
		return err
	}
	if err := savePeople(ctx, tx, v, l.ID, c.people); err != nil {
		return err
	}
	if err := saveAnswers(ctx, tx, v, l.ID, answers); err != nil {
		return err
	}
	var tags []uuid.UUID
	for _, name := range c.tags {
		if t.tags[name] == uuid.Nil {
			tag, err := addTag(ctx, tx, v, name, name == "Punch list")
			if err != nil {
				return err
			}
			t.tags[name] = tag
		}
		tags = append(tags, t.tags[name])
	}
	if err := saveTags(ctx, tx, v, l.ID, tags); err != nil {
		return err
	}
	for i, s := range c.photos {
		if err := t.photo(ctx, tx, v, l, s, i); err != nil {
			return err
		}
	}
	return nil
}

func (t story) photo(ctx context.Context, tx bun.Tx, v auth.Viewer, l Log, s scene, n int) error {
	body, err := drawn(s.hue, n)
	if err != nil {
		return err
	}
	row, err := t.Files.Take(ctx, tx, v, files.Upload{
		Purpose: section, Audience: files.ForSection, ClientID: l.ClientID, Name: "IMG_" + itoa(4000+s.hue*10+n) + ".jpg", From: bytes.NewReader(body), Pictures: true, Most: mostBytes,
	})
	if err != nil {
		return err
	}
	p := Photo{FileID: row.ID, Caption: s.caption, TakenAt: l.LogDate.Midnight(), Scan: "off"}
	if _, err := addPhoto(ctx, tx, v, l, id.New(), &p); err != nil || !s.hidden {
		return err
	}
	p.Shown = false
	return savePhoto(ctx, tx, v, p)
}

func (t story) talk(ctx context.Context, tx bun.Tx, v auth.Viewer, l Log, c chapter) error {
	about := comment.Thing{Section: section, ID: l.ID, ClientID: l.ClientID, ProjectID: l.ProjectID}
	ana := t.People["ana"]
	if c.says != "" {
		client := auth.Viewer{Side: auth.Portal, Firm: t.Firm, PersonID: ana.ID, ContactID: ana.ContactID, ClientID: l.ClientID, Name: ana.Name}
		if _, _, err := comment.Add(ctx, tx, client, about, comment.Form{Text: c.says}); err != nil {
			return err
		}
	}
	if c.answer != "" {
		if _, _, err := comment.Add(ctx, tx, v, about, comment.Form{Text: c.answer}); err != nil {
			return err
		}
	}
	return backdateTalk(ctx, tx, v, l.ID, t.Day(-c.ago))
}

// drawn is a room as a picture: a wall with its studs, a window, a floor, in the light of some hour.
func drawn(hue, n int) ([]byte, error) {
	const w, h = 640, 480
	walls := []color.RGBA{
		{202, 190, 172, 255}, {214, 205, 190, 255}, {176, 150, 118, 255}, {222, 214, 202, 255}, {196, 164, 122, 255}, {228, 224, 214, 255},
		{164, 178, 184, 255}, {148, 130, 116, 255}, {236, 230, 216, 255}, {206, 196, 160, 255}, {170, 176, 170, 255}, {212, 180, 136, 255},
		{200, 170, 130, 255}, {188, 160, 124, 255}, {220, 216, 210, 255}, {150, 180, 196, 255}, {210, 214, 204, 255},
	}
	wall := walls[hue%len(walls)]
	shade := func(c color.RGBA, by int) color.RGBA {
		part := func(v uint8) uint8 { return uint8(max(0, min(255, int(v)+by))) }
		return color.RGBA{part(c.R), part(c.G), part(c.B), 255}
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	left, top := 80+(n*113+hue*40)%280, 90
	for y := range h {
		for x := range w {
			c := shade(wall, 14-y/19+(x*7+y*13)%5)
			switch {
			case y > 374: // the floor, in boards
				c = shade(color.RGBA{132, 98, 68, 255}, 30-(y-374)/4-((x+y*2)/40)%2*12)
			case y > 366:
				c = shade(wall, -46)
			case x > left && x < left+174 && y > top && y < top+186: // the window
				c = shade(color.RGBA{196, 220, 236, 255}, 30-(y-top)/5)
				if x < left+8 || x > left+166 || y < top+8 || y > top+178 || x > left+83 && x < left+91 {
					c = color.RGBA{246, 244, 238, 255}
				}
			case hue >= 2 && (x+hue*31)%86 < 12: // studs
				c = shade(color.RGBA{206, 168, 116, 255}, -y/27)
			}
			img.SetRGBA(x, y, c)
		}
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 70})
	return out.Bytes(), err
}
