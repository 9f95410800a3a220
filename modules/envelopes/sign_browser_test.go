package envelopes_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"portico/modules/envelopes"
	"portico/platform/portaltest"
)

// keep puts a picture of the screen where PORTICO_SHOTS says, to be looked at.
func shoot(t *testing.T, tab *portaltest.Tab, name string) {
	t.Helper()
	if dir := os.Getenv("PORTICO_SHOTS"); dir != "" {
		var png []byte
		tab.Run(chromedp.FullScreenshot(&png, 100))
		if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// readAll presses the bar's button with the keyboard until all pages were seen.
func readAll(t *testing.T, tab *portaltest.Tab) {
	t.Helper()
	tab.Until("the pages", `document.querySelectorAll(".envelope-sheet").length === 3 && document.querySelector(".envelope-sheet[data-drawn]")`)
	tab.Sees(t, "of 3")
	for n := 1; n <= 3; n++ {
		seen := fmt.Sprintf(`document.querySelector("[data-signing-bar]").dataset.seen >= %d`, n)
		for range 10 { // to its top, to its end; while pages are drawn they also move by themselves
			var at int
			var done bool
			if tab.Eval(seen, &done); done {
				break
			}
			tab.Eval(`Math.round(scrollY)`, &at).Eval(`document.querySelector("[data-signing-next]").focus()`, nil).Keys("\r")
			tab.Until("the page to move", fmt.Sprintf(`Math.round(scrollY) !== %d || %s`, at, seen))
		}
		tab.Until("the page to be seen", seen)
	}
	tab.Sees(t, "All 3 pages read")
}

func TestSigningInARealBrowser(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	g := send(t, site, "Kitchen contract", true, asked{Who: "ana", Role: "signer", Position: 1}, asked{Who: "tom", Role: "signer", Position: 2},
		asked{Who: "maria", Role: "countersigner", Position: 3})

	t.Run("with the keyboard alone, at a desk", func(t *testing.T) {
		tab := site.Chrome(t, "", 1280, true)
		tab.Open(g.At("ana"))
		tab.Axe(t).Fits(t)
		shoot(t, tab, "guest-1280-dark")
		tab.Eval(`document.querySelector("form[action$=opening] button").focus()`, nil).Keys("\r")
		readAll(t, tab)
		tab.Until("the words of a page", `document.querySelector(".envelope-sheet .visually-hidden").textContent.includes("Page 1 of the contract")`)
		tab.Axe(t).Fits(t)
		shoot(t, tab, "sign-1280-dark")
		// the button leads to what is still to do, field after field
		next := func() { tab.Eval(`document.querySelector("[data-signing-next]").focus()`, nil).Keys("\r") }
		next()
		tab.Until("the text field has the focus", `document.activeElement.type === "text" && document.activeElement.name.startsWith("field-")`)
		tab.Keys("Red")
		tab.Until("the page says it, too", `[...document.querySelectorAll(".envelope-mark.text input")].some((i) => i.value === "Red")`)
		tab.Eval(`document.querySelector("input[type=checkbox][name^=field]").focus()`, nil).Keys(" ")
		next()
		tab.Until("consent has the focus", `document.activeElement.name === "consent"`)
		tab.Keys(" \t\t")
		tab.Until("the name has the focus", `document.activeElement.name === "signature_text"`)
		tab.Keys("Ana Rivera").Keys("\t")
		tab.Until("the choice of the initials has the focus", `document.activeElement.name === "initials_kind"`)
		tab.Keys("\tAR\t \t")
		tab.Until("the page shows the name", `document.querySelector(".envelope-mark.signature button").textContent.startsWith("Ana Rivera")`)
		shoot(t, tab, "signed-form-1280-dark")
		tab.Until("the button has the focus", `document.activeElement.matches("button") && document.activeElement.textContent.includes("Sign contract")`)
		tab.Keys("\r").Sees(t, "You have signed this contract.")
		tab.Axe(t)
	})
	watching := site.Chrome(t, "tom", 1280, false)
	watching.Open("/portal/all/envelopes/"+g.ID).Sees(t, "Your signature is asked for")
	t.Run("drawn with a finger, on a phone that is turned", func(t *testing.T) {
		tab := site.Chrome(t, "", 360, false)
		tab.Open(g.At("tom"))
		tab.Axe(t).Fits(t)
		shoot(t, tab, "guest-360-light")
		tab.Press("Read and sign")
		readAll(t, tab)
		tab.Until("what Ana put there", `[...document.querySelectorAll(".envelope-mark .ink")].some((s) => s.textContent === "Ana Rivera")`)
		tab.Axe(t).Fits(t)
		tab.Fill("Colour of the front door", "Green").Eval(`document.querySelector("input[type=checkbox][name^=field]").click(); document.querySelector("[name=consent]").click(); document.querySelector("[name=confirm]").click()`, nil)
		tab.Eval(`document.querySelector("input[name=signature_kind][value=drawn]").click()`, nil)
		tab.Press("Sign contract").Sees(t, "Draw your signature in the box") // empty is refused, and nothing is lost
		shoot(t, tab, "wrong-360-light")
		if got := line(t, site, "select coalesce(signature::text, '') from envelopes.recipient where id = ?", g.Of["tom"]); got != "" {
			t.Errorf("an empty signature: %s", got)
		}
		swipe(tab, 0.1, 0.5, 0.5, 0.2)
		swipe(tab, 0.5, 0.8, 0.9, 0.4)
		before := strokesOf(t, tab)
		if len(before) != 2 {
			t.Fatalf("%d strokes", len(before))
		}
		turn := func(w, h int64) {
			tab.Run(emulation.SetDeviceMetricsOverride(w, h, 1, true))
			tab.Until("the box is drawn anew", `(() => { const c = document.querySelector(".envelope-pad canvas"); return c.width === Math.round(c.parentElement.clientWidth * Math.min(3, devicePixelRatio)); })()`)
		}
		turn(740, 360)
		tab.Eval(`scrollTo(0, 0); scrollTo(0, document.body.scrollHeight)`, nil)
		if after := strokesOf(t, tab); len(after) != 2 || after[0][0] != before[0][0] {
			t.Errorf("the strokes are lost: %v", after)
		}
		if !inked(tab) {
			t.Error("the box is empty after the phone was turned")
		}
		shoot(t, tab, "turned-740-light")
		swipe(tab, 0.2, 0.9, 0.6, 0.9)
		turn(360, 740)
		if after := strokesOf(t, tab); len(after) != 3 || !inked(tab) {
			t.Errorf("%d strokes", len(after))
		}
		tab.Press("Undo")
		if after := strokesOf(t, tab); len(after) != 2 {
			t.Errorf("%d strokes after undo", len(after))
		}
		tab.Press("Sign contract") // what was drawn comes back with what is to mend
		tab.Until("the answer", `document.querySelectorAll(".errors li").length === 1 && document.querySelector(".envelope-sheet[data-drawn]")`)
		if after := strokesOf(t, tab); len(after) != 2 || !inked(tab) {
			t.Errorf("the drawing is lost: %d strokes", len(after))
		}
		tab.Fill("Your initials", "TR")
		shoot(t, tab, "sign-360-light")
		tab.Press("Sign contract").Sees(t, "You have signed this contract.")
		if got := line(t, site, "select signature->>'kind' from envelopes.recipient where id = ?", g.Of["tom"]); got != "drawn" {
			t.Error(got)
		}
		watching.Sees(t, "You have signed this contract.") // what is open elsewhere follows
	})
	t.Run("for the firm, in the office", func(t *testing.T) {
		tab := site.Chrome(t, "maria", 1280, false)
		tab.Open("/office/envelopes/" + g.ID + "/sign").Axe(t).Fits(t)
		shoot(t, tab, "office-1280-light")
		tab.Press("Read and sign")
		readAll(t, tab)
		tab.Axe(t).Fits(t)
		tab.Fill("Colour of the front door", "White").Fill("Your full name", "Maria Okafor").Fill("Your initials", "MO")
		tab.Eval(`document.querySelector("input[type=checkbox][name^=field]").click(); document.querySelector("[name=consent]").click(); document.querySelector("[name=confirm]").click()`, nil)
		tab.Press("Sign contract").Sees(t, "All have signed")
	})
	t.Run("declined in the portal", func(t *testing.T) {
		g := send(t, site, "Change order with a long name: the larger kitchen island with drawers", false, asked{Who: "ana", Role: "signer", Bare: true}, asked{Who: "tom", Role: "approver", Bare: true})
		tab := site.Chrome(t, "ana", 360, true)
		tab.Open("/portal/all/envelopes").Axe(t).Fits(t)
		shoot(t, tab, "list-360-dark")
		tab.Press("Change order with").Sees(t, "Your signature is asked for")
		tab.Until("the pages", `document.querySelector(".envelope-sheet[data-drawn]")`).Axe(t).Fits(t)
		shoot(t, tab, "detail-360-dark")
		tab.Press("Let somebody else sign").Axe(t).Fits(t)
		shoot(t, tab, "handover-360-dark")
		tab.Press("Back").Press("Decline").Axe(t).Fits(t)
		shoot(t, tab, "decline-360-dark")
		tab.Fill("Why?", "We changed our minds.").Press("Decline contract").Sees(t, "You declined this contract.")
		site.Stranger().Open(g.At("tom")).Sees(t, "Nobody can sign it any more")
	})
}

// From the office to the phone: sent, withdrawn, sent again as a new version, and signed from the mail.
func TestADocumentIsWithdrawnAndTheNewOneIsSigned(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	ben := site.As("ben")
	at := drafted(t, site, ben, "Wider pantry door")
	ben.Open(at).Follow("Send change order").Press("Send change order").Sees(t, "Is asked")
	old := portaltest.MailedLink(t, site.MailTo("ana"))
	tab := site.Chrome(t, "", 360, false)
	tab.Open(old).Sees(t, "Wider pantry door").Press("Read and sign").Sees(t, "1. Read")
	ben.Open(at).Follow("Make void").Fill("Reason", "The door is 90 cm.").Press("Make void").Sees(t, "Void since")
	tab.Eval(`document.querySelector("form[action$=signing]").requestSubmit()`, nil).Sees(t, "has withdrawn this change order").Sees(t, "The door is 90 cm.")

	ben.Open(at).Follow("Correct as a new version").Press("Make the new version").Sees(t, "This is the new version")
	ben.Open("/office/envelopes/"+envelopeOf(t, site, "Wider pantry door")).Follow("Send change order").Press("Send change order").Sees(t, "Is asked")
	fresh := portaltest.MailedLink(t, site.MailTo("ana"))
	if fresh == old {
		t.Fatal("the link is the old one")
	}
	tab.Open(fresh).Press("Read and sign").Sees(t, "1. Read").Until("the page", `document.querySelector(".envelope-sheet[data-drawn]")`)
	tab.Eval(`for (const name of ["read", "consent", "confirm"]) { const tick = document.querySelector("[name=" + name + "]"); if (!tick.checked) tick.click(); }`, nil)
	tab.Fill("Your full name", "Ana Rivera").Press("Sign change order").Sees(t, "You have signed this change order.").Fits(t)
	tab.Open(old).Sees(t, "has withdrawn this change order")
	if n := count(t, site, `select count(*) from envelopes.recipient r join envelopes.envelope e on e.id = r.envelope_id where e.title = 'Wider pantry door' and r.signed_at is not null`); n != 1 {
		t.Errorf("%d signatures", n)
	}
}

// Whoever cannot sign is told why, on a page that can be read on a phone in the dark.
func TestPagesForThoseWhoCannotSign(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	g := send(t, site, "Kitchen contract", false, asked{Who: "ana", Role: "signer", Bare: true, Until: site.Now().Add(-time.Hour)}, asked{Who: "tom", Role: "signer", Bare: true, Code: true})
	tab, maria := site.Chrome(t, "", 360, true), site.Chrome(t, "maria", 768, false)
	look := func(tab *portaltest.Tab, name, at, says string) {
		tab.Open(at).Sees(t, says).Axe(t).Fits(t)
		shoot(t, tab, name)
	}
	look(tab, "expired-360-dark", g.At("ana"), "Your time to sign is over")
	look(tab, "unknown-360-dark", "/sign/nothing", "This link does not work")
	tab.Open(g.At("tom")).Press("Read and sign").Sees(t, "Is it you?")
	look(tab, "code-360-dark", g.At("tom")+"/code", "Is it you?")
	tab.Press("Mail me a code").Sees(t, "Code from the message").Axe(t)
	shoot(t, tab, "typed-360-dark")
	look(maria, "staff-768-light", g.At("tom"), "This link is not yours")
	look(maria, "host-768-light", "/office/envelopes/"+g.ID+"/host/"+g.Of["tom"], "Hand this device to Tom")

	// one who is late holds nobody up; and what was withdrawn is replaced by another version
	newer := send(t, site, "Kitchen contract, corrected", false, asked{Who: "ana", Role: "signer", Bare: true}, asked{Who: "tom", Role: "signer", Bare: true})
	do(t, site, "update envelopes.envelope set supersedes_id = ?, revision = 2 where id = ?", g.ID, newer.ID)
	do(t, site, "update envelopes.envelope set status = 'void', voided_at = now(), void_reason = 'The price of the cabinets has changed.' where id = ?", g.ID)
	look(tab, "void-360-dark", g.At("ana"), "has withdrawn this contract")
	ana := site.Chrome(t, "ana", 768, false)
	look(ana, "void-768-light", "/portal/all/envelopes/"+g.ID, "There is a newer version.")
	ana.Press("Open it").Sees(t, "Kitchen contract, corrected").Sees(t, "Your signature is asked for")
	look(ana, "list-768-light", "/portal/all/envelopes", "Waiting for you")
	ana.Press("Kitchen contract, corrected").Press("Read and sign").Sees(t, "1. Read").Until("the pages", `document.querySelector(".envelope-sheet[data-drawn]")`)
	shoot(t, ana, "sign-768-light")
}

// swipe draws a line across the pad with a finger, from and to parts of its width and height.
func swipe(tab *portaltest.Tab, x1, y1, x2, y2 float64) {
	var box struct{ X, Y, W, H float64 }
	tab.Eval(`(() => { const pad = document.querySelector(".envelope-pad"); pad.scrollIntoView({ block: "center", behavior: "instant" }); const r = pad.getBoundingClientRect(); return { X: r.x, Y: r.y, W: r.width, H: r.height }; })()`, &box)
	touch := func(kind input.TouchType, x, y float64) chromedp.Action {
		at := []*input.TouchPoint{{X: box.X + x*box.W, Y: box.Y + y*box.H}}
		if kind == input.TouchEnd {
			at = []*input.TouchPoint{}
		}
		return input.DispatchTouchEvent(kind, at)
	}
	tab.Run(touch(input.TouchStart, x1, y1))
	for i := 1; i <= 8; i++ {
		part := float64(i) / 8
		tab.Run(touch(input.TouchMove, x1+(x2-x1)*part, y1+(y2-y1)*part))
	}
	tab.Run(touch(input.TouchEnd, x2, y2))
}

func strokesOf(t *testing.T, tab *portaltest.Tab) (strokes [][][2]int) {
	t.Helper()
	var text string
	tab.Eval(`document.querySelector("[name=signature_strokes]").value`, &text)
	if text == "" {
		return nil
	}
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&strokes); err != nil {
		t.Fatal(err)
	}
	return strokes
}

// inked reports whether something can be seen in the pad.
func inked(tab *portaltest.Tab) (yes bool) {
	tab.Eval(`(() => { const c = document.querySelector(".envelope-pad canvas"); return c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 3 && v > 0); })()`, &yes)
	return yes
}
