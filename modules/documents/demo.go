package documents

import (
	"bytes"
	"context"
	"embed"
	"fmt"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/demo"
	"portico/platform/fault"
	"portico/platform/files"
)

//go:embed demo
var chapters embed.FS

// chapter is a file of the demo: where it lies, what it is called, and of which file it is a copy.
type chapter struct {
	project string // "": the client's own
	client  string
	folder  string // "Plans" or "Photos"; "": at the top
	shared  bool   // the folder
	name    string
	from    string
	hidden  bool
	by      string // a contact, who sent it
	remark  string
	caption string
}

var northgate = []chapter{
	{project: "maple-street", folder: "Plans", shared: true, name: "Kitchen plan.pdf", from: "google-doc-document.pdf"},
	{project: "maple-street", folder: "Plans", shared: true, name: "Kitchen plan.pdf", from: "pdflatex-4-pages.pdf", remark: "The island is 10 cm longer."},
	{project: "maple-street", folder: "Plans", shared: true, name: "Schedule of trades.csv", from: "schedule.csv"},
	{project: "maple-street", folder: "Photos", shared: true, name: "Living room wall.jpg", from: "landscape_6.jpg", caption: "The wall is out: the living room from the kitchen"},
	{project: "maple-street", folder: "Photos", shared: true, name: "Stairs.jpg", from: "portrait_3.jpg", caption: "Stairs, before the new rail"},
	{project: "maple-street", folder: "Photos", shared: true, name: "Tile samples.heif", from: "samplefilehub.heif", caption: "Tile samples by daylight"},
	{project: "maple-street", folder: "Purchasing", name: "Tile quotes.pdf", from: "google-doc-document.pdf"},
	{project: "maple-street", name: "Site rules.md", from: "site-rules.md"},
	{project: "maple-street", name: "Where we saw the lamp.jpg", from: "DSCN0010.jpg", by: "ana", caption: "We would love this one above the island"},
	{project: "maple-street", name: "Notes for the bank.md", from: "site-rules.md", hidden: true},
	{client: "rivera", folder: "Contracts", shared: true, name: "Terms of work.pdf", from: "pdflatex-4-pages.pdf"},
	{project: "lakeview-house", folder: "Handover", shared: true, name: "Care of the house.pdf", from: "google-doc-document.pdf"},
}

var harbor = []chapter{
	{project: "winter-gala", folder: "Plans", shared: true, name: "HARBOR-ONLY seating.pdf", from: "google-doc-document.pdf"},
}

// tell puts papers and photos where the story has its projects.
func (a archive) tell(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	if !s.Size.Empty() {
		return nil // a big demo is about numbers
	}
	told, author := northgate, s.People["ben"]
	if !s.Main {
		told, author = harbor, s.People["felix"]
	}
	for _, c := range told {
		if err := a.tellOne(ctx, tx, s, c, author); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

func (a archive) tellOne(ctx context.Context, tx bun.Tx, s *demo.Story, c chapter, author demo.Person) error {
	v := auth.Viewer{Side: auth.Office, Firm: s.Firm, PersonID: author.ID, Name: author.Name}
	at := s.Clients[c.client].ID
	if c.project != "" {
		at = s.Projects[c.project].ID
	}
	p, err := placeByID(ctx, tx, v, at)
	if err != nil {
		return err
	}
	if c.folder != "" {
		folder, err := folderCalled(ctx, tx, v, p, c.folder)
		if fault.Is(err, fault.Missing) {
			folder, err = addFolder(ctx, tx, v, p, c.folder, c.shared)
		}
		if err != nil {
			return err
		}
		if p, err = placeByID(ctx, tx, v, folder); err != nil {
			return err
		}
	}
	body, err := chapters.ReadFile("demo/" + c.from)
	if err != nil {
		return err
	}
	row, err := a.Files.Take(ctx, tx, v, files.Upload{
		Purpose: purpose, Audience: files.ForSection, ClientID: p.ClientID, Name: c.name, From: bytes.NewReader(body), Most: mostBytes,
	})
	if err != nil {
		return err
	}
	if by, sent := s.People[c.by]; sent {
		v.PersonID, v.Name = by.ID, by.Name
	}
	sort := sortOf(files.Kind(row.Media), row.Name, body[:min(len(body), files.HeadSize)])
	d, _, err := enter(ctx, tx, v, p, arrived{Row: row, Sort: sort, Remark: c.remark, Shared: !c.hidden && (c.folder != "" || c.by != "" || c.name == "Site rules.md"), ByClient: c.by != ""})
	if err != nil {
		return err
	}
	if err := use(ctx, tx, v, row.Size); err != nil {
		return err
	}
	if sort == "pdf" || sort == "text" {
		if _, err := readFile.Enqueue(ctx, tx, v.FirmID(), looking{d.VersionID}); err != nil {
			return err
		}
	}
	if c.caption == "" {
		return nil
	}
	return renameDocument(ctx, tx, v, d, d.Name, c.caption)
}
