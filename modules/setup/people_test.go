package setup_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestALogoIsMadeAnew(t *testing.T) {
	site := open(t)
	maria := site.As("maria")
	maria.Open("/office/setup/branding").Attach("Logo", "logo.jpg", photoWithPlace(t)).Press("Save changes").Sees(t, "Saved.", "being prepared")
	id := one[string](t, site, "select logo_id::text from firm where key = 'demo'")
	if a := site.Browser().Get("/files/" + id + "/medium"); a.Status != 200 || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("while it is prepared the logo is broken, or kept so: %d, %s", a.Status, a.Header.Get("Cache-Control"))
	}
	site.Work()
	site.Settle(t)
	maria.Open("/office/setup/branding").Sees(t, "Another logo")
	for _, variant := range []string{"medium", "thumb", "large"} {
		answer := site.Browser().Get("/files/" + id + "/" + variant)
		if answer.Status != http.StatusOK || bytes.Contains(answer.Body, []byte("Exif")) || bytes.Contains(answer.Body, []byte("CANARY")) {
			t.Errorf("%s: %d, and it tells where it was taken: %v", variant, answer.Status, bytes.Contains(answer.Body, []byte("CANARY")))
		}
	}
	maria.Attach("Another logo", "virus.html", []byte("<script>alert(1)</script>")).Press("Save changes").Has(t, 422).Sees(t, "Choose a picture")
	maria.Open("/office/setup/branding").Tick("Remove the logo").Press("Save changes").Sees(t, "Saved.")
	if one[bool](t, site, "select logo_id is not null from firm where key = 'demo'") {
		t.Error("the logo is still there")
	}
}

// photoWithPlace is a JPEG whose camera told something.
func photoWithPlace(t *testing.T) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 300, 80))
	for x := range 300 {
		picture.Set(x, 40, color.RGBA{200, 30, 30, 255})
	}
	var body bytes.Buffer
	if err := jpeg.Encode(&body, picture, nil); err != nil {
		t.Fatal(err)
	}
	told := append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00"), "CANARY"...)
	out := bytes.NewBuffer([]byte{0xff, 0xd8, 0xff, 0xe1})
	_ = binary.Write(out, binary.BigEndian, uint16(len(told)+2))
	out.Write(told)
	_, _ = io.Copy(out, bytes.NewReader(body.Bytes()[2:]))
	return out.Bytes()
}

func TestAPaleColorIsShownBeforeItIsSaved(t *testing.T) {
	site := open(t)
	maria := site.As("maria")
	maria.Open("/office/setup/branding").Fill("Or as a code", "#ffe14d").Press("Show this color").Sees(t, "links and headings use the darker")
	if got := one[string](t, site, "select brand_color from firm where key = 'demo'"); got == "#ffe14d" {
		t.Error("looking at a color saved it")
	}
	maria.Press("Save changes").Sees(t, "Saved.")
	if got := one[string](t, site, "select brand_color from firm where key = 'demo'"); got != "#ffe14d" {
		t.Errorf("kept %s", got)
	}
	maria.Fill("Or as a code", "greenish").Press("Save changes").Has(t, 422).Sees(t, "Enter a color such as")
}

func TestStaffAreInvitedAndLookedAfter(t *testing.T) {
	site := open(t)
	site.Work()
	maria := site.As("maria")
	maria.Open("/office/setup/staff/new").Fill("Name", "Nora Quist").Fill("Email", "ben@northgate.example").Press("Send the invitation").Has(t, 422).Sees(t, "staff already")
	maria.Fill("Email", "nora@northgate.example").Fill("Title", "Estimator").Press("Send the invitation").Sees(t, "on its way")
	site.Settle(t)
	letter := site.MailTo("nora@northgate.example")
	nora := site.Browser()
	nora.OpenMailed(letter).Sees(t, "Nora")

	page := "/office/setup/staff/" + site.Person("nora").ID.String()
	maria.Open(page).Untick("Show the photo").Tick("Show the phone").Fill("Title", "Senior estimator").Press("Save changes").Sees(t, "Saved.", "Senior estimator")
	maria.Choose("Role", "Admin: everything but owners").Press("Change the role").Sees(t, "comes back as Admin")
	maria.Follow("Switch off access…").Press("Switch off access").Sees(t, "cannot sign in any more", "Switched off")
	maria.Press("Switch on access").Sees(t, "can sign in again")

	own := "/office/setup/staff/" + site.Person("maria").ID.String()
	maria.Open(own).Choose("Role", "Member: projects and clients").Press("Change the role").Has(t, 409).Sees(t, "last owner")
	if a := maria.Post(own+"/disabling", nil); a.Status != 409 {
		t.Errorf("the last owner switched off own access: %d", a.Status)
	}
	priya := site.As("priya")
	priya.Open(own).Sees(t, "Only an owner can change an owner")
	for _, deed := range []string{"", "/role", "/disabling", "/invitations"} {
		if a := priya.Post(own+deed, url.Values{"role": {"member"}, "name": {"M"}, "email": {"m@m.test"}}); a.Status != 403 {
			t.Errorf("an admin changes an owner by %s: %d", deed, a.Status)
		}
	}
}

func TestADeedAboutStaffWantsAFreshFactor(t *testing.T) {
	site := open(t)
	maria, ben := site.As("maria"), site.Person("ben")
	if _, err := site.DB(t).NewRaw("update session set confirmed_at = now() - interval '1 hour'").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	page := "/office/setup/staff/" + ben.ID.String()
	for _, deed := range []string{"/disabling", "/role", "/factors?_method=DELETE", ""} {
		a := maria.Post(page+deed, url.Values{"role": {"owner"}, "name": {"Ben"}, "email": {"thief@example.com"}})
		if a.URL.Path != "/sign-in/confirm" && !strings.Contains(a.Header.Get("Location"), "/sign-in/confirm?to=") {
			t.Errorf("%s did not ask who it is: %d at %s", deed, a.Status, a.URL)
		}
	}
	if !one[bool](t, site, `
		select st.disabled_at is null and st.role = 'member' and p.email = 'ben@northgate.example'
		from staff st join person p on p.firm_id = st.firm_id and p.id = st.person_id where st.person_id = ?`, ben.ID) {
		t.Error("something was changed without a fresh factor")
	}
}

func TestANewAddressEndsTheOldOne(t *testing.T) {
	site := open(t)
	site.Work()
	site.As("ben")
	id := site.Person("ben").ID.String()
	site.As("maria").Open("/office/setup/staff/"+id).Fill("Email", "ben.lindqvist@northgate.example").Press("Save changes").Sees(t, "Saved.")
	if n := one[int](t, site, "select count(*) from session where person_id = ?", id); n != 0 {
		t.Errorf("%d sessions of the old address live on", n)
	}
	site.Settle(t)
	if m := site.MailTo("ben.lindqvist@northgate.example"); !strings.Contains(m.Subject, "Northgate") {
		t.Errorf("the invitation says %q", m.Subject)
	}
}

// TestAPersonWithTwoHatsHasOneAddress, and whoever changes it is told so before and after.
func TestAPersonWithTwoHatsHasOneAddress(t *testing.T) {
	site := open(t)
	ben, grace := site.Person("ben"), site.Person("grace")
	_, err := site.DB(t).NewRaw("update contact set person_id = ?, email = ? where id = ?", ben.ID, ben.Email, grace.ContactID).Exec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	maria := site.As("maria").Open("/office/setup/staff/"+ben.ID.String()).Sees(t, "The same person is a contact")
	maria.Fill("Email", "ben.lindqvist@northgate.example").Press("Save changes").Sees(t, "Saved.")
	if n := one[int](t, site, `
		select count(*) from activity where verb = 'contact.changed' and client_id = ? and subject_id = ? and text like '%member of staff, too'
			and data->'after'->>'email' = 'ben.lindqvist@northgate.example'`, grace.ClientID, grace.ContactID); n != 1 {
		t.Errorf("the client's activity tells of it %d times", n)
	}
	maria.Open("/office/setup/staff/"+site.Person("priya").ID.String()).SeesNot(t, "The same person is a contact")
}

func TestAPhotoIsForThoseWhoAreSignedIn(t *testing.T) {
	site := open(t)
	site.Work()
	page := "/office/setup/staff/" + site.Person("ben").ID.String()
	maria := site.As("maria")
	maria.Open(page).Attach("A new photo", "ben.jpg", photoWithPlace(t)).Press("Save changes").Sees(t, "Saved.")
	site.Settle(t)
	photo := "/files/" + one[string](t, site, "select photo_id::text from person where email = 'ben@northgate.example'") + "/thumb"
	if a := site.As("ana").Get(photo); a.Status != 200 || bytes.Contains(a.Body, []byte("CANARY")) {
		t.Errorf("Ana gets %d", a.Status)
	}
	if a := site.Browser().Get(photo); a.Status == 200 {
		t.Error("a stranger sees the photo")
	}
}
