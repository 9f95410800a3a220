//go:build screenshots

package modules_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"portico/modules/testdata/garden"
	"portico/platform/lang"
	"portico/platform/module"
	"portico/platform/portaltest"
)

// TestScreenshots draws the pictures of docs/ from the demo: `make screenshots`.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("PORTICO_SCREENSHOTS")
	if folder == "" {
		t.Fatal("PORTICO_SCREENSHOTS names no folder")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	// the house as it is delivered, without the section that only tests have
	site := portaltest.Open(t, slices.DeleteFunc(module.All(), func(m module.Module) bool { return m.ID == garden.Module.ID })...)
	site.Work()
	site.Develop(t)
	shot := func(who, page string, width int, dark bool) image.Image {
		picture, err := png.Decode(bytes.NewReader(site.Chrome(t, who, width, dark).Open(page).Quiet().Shot()))
		if err != nil {
			t.Fatal(err)
		}
		return picture
	}
	client := site.Person("ana").ClientID.String()
	save := func(name string, pictures ...image.Image) {
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, beside(pictures)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".png"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, pictures := range map[string][]image.Image{
		"portal":    {shot("ana", "/portal/all", 1280, false), shot("ana", "/portal/all", 360, true)},
		"project":   {shot("ana", "/portal/maple-street", 1280, false), shot("ana", "/portal/maple-street/team", 360, false)},
		"help":      {shot("ana", "/portal/all/help", 1280, false)},
		"sign-in":   {shot("", "/sign-in", 1280, false), shot("", "/sign-in", 360, true)},
		"office":    {shot("maria", "/office", 1280, false), shot("maria", "/office", 360, true)},
		"clients":   {shot("maria", "/office/clients", 1280, false)},
		"client":    {shot("maria", "/office/clients/"+client, 1280, false)},
		"setup":     {shot("maria", "/office/setup/clients/"+client, 1280, false)},
		"who":       {shot("maria", "/office/setup/clients/"+client+"/who", 1280, false), shot("maria", "/office/setup/clients/"+client+"/who", 360, true)},
		"many":      {shot("maria", "/office/setup/bulk/new?all=1&preset=builder", 1280, false)},
		"users":     {shot("maria", "/office/users", 1280, false)},
		"mails":     {shot("maria", "/office/setup/mails/invitation", 1280, false)},
		"address":   {shot("maria", "/office/setup/address", 1280, false)},
		"log":       {shot("maria", "/office/setup/activity", 1280, false)},
		"import":    {shot("maria", "/office/transfer", 1280, false)},
		"billing":   {shot("maria", "/office/billing", 1280, false)},
		"invoices":  {shot("ana", "/portal/all/billing", 1280, false), shot("ana", "/portal/all/billing", 360, true)},
		"contracts": {shot("maria", "/office/envelopes", 1280, false)},
		"signing":   {shot("ana", "/portal/all/envelopes", 1280, false), shot("ana", "/portal/all/envelopes", 360, true)},
		"schedule":  {shot("ana", "/portal/maple-street/schedule", 1280, false), shot("ana", "/portal/maple-street/schedule", 360, true)},
		"time":      {shot("diego", "/office/time", 1280, false), shot("ana", "/portal/all/time", 360, true)},
		"documents": {shot("ana", "/portal/maple-street/documents", 1280, false)},
		"choosing":  {shot("ana", "/portal/maple-street/selections", 1280, false), shot("ana", "/portal/maple-street/selections", 360, true)},
		"site-log":  {shot("ana", "/portal/all/dailylogs", 1280, false), shot("ana", "/portal/all/dailylogs", 360, true)},
		"site-logs": {shot("maria", "/office/dailylogs", 1280, false)},
		"messages":  {shot("ben", "/office/messages", 1280, false), shot("ana", "/portal/all/messages", 360, true)},
		"brand":     {shot("maria", "/office/setup/branding", 1280, false)},
	} {
		save(name, pictures...)
	}
	var languages []image.Image
	for _, code := range []string{"de", "es", lang.Mirrored} {
		if _, err := site.DB(t).Exec("update person set locale = ? where firm_id = ? and email = ?", code, site.FirmID(), site.Person("ana").Email); err != nil {
			t.Fatal(err)
		}
		languages = append(languages, shot("ana", "/portal/all/billing", 480, false))
	}
	save("languages", languages...)
}

// beside puts pictures on one sheet with a margin.
func beside(pictures []image.Image) image.Image {
	const margin = 24
	width, height := margin, 0
	for _, p := range pictures {
		width += p.Bounds().Dx() + margin
		height = max(height, p.Bounds().Dy()+2*margin)
	}
	sheet := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.RGBA{0xe9, 0xe6, 0xe0, 0xff}), image.Point{}, draw.Src)
	x := margin
	for _, p := range pictures {
		at := image.Rect(x, margin, x+p.Bounds().Dx(), margin+p.Bounds().Dy())
		draw.Draw(sheet, at, p, p.Bounds().Min, draw.Src)
		x += p.Bounds().Dx() + margin
	}
	return sheet
}
