package messages_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"portico/platform/portaltest"
)

func shoot(t *testing.T, tab *portaltest.Tab, name string) {
	if dir := os.Getenv("SHOTS"); dir != "" {
		if err := os.WriteFile(dir+"/"+name+".png", tab.Shot(), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// TestBothSeeEachOtherLive is a client and a member of staff in two browsers at once.
func TestBothSeeEachOtherLive(t *testing.T) {
	site := portaltest.Open(t)
	id := thread(t, site, tile)
	ana, ben := site.Chrome(t, "ana", 360, false), site.Chrome(t, "ben", 1280, true)
	ana.Open("/portal/all/messages").Sees(t, tile).Fits(t).Axe(t)
	shoot(t, ana, "list-360")
	ana.Open("/portal/all/messages/"+id).Sees(t, "zellige").Fits(t).Axe(t)
	shoot(t, ana, "thread-360")
	ben.Open("/office/messages").Sees(t, tile).Fits(t).Axe(t)
	shoot(t, ben, "office-list-dark")
	// the keyboard walks the list, opens, goes back, and begins a new one
	ben.Keys("j").Until("a row has the focus", `document.activeElement.matches(".messages-row")`)
	ben.Keys("\r").Until("it is open", `document.querySelector("[data-thread]") !== null && document.readyState === "complete"`)
	ben.Keys(kb.Escape).Until("the list again", `document.querySelector("[data-messages]") !== null && document.querySelector("[data-thread]") === null && document.readyState === "complete"`)
	ben.Keys("n").Until("a new one", `location.pathname.endsWith("/messages/new")`)
	ben.Open("/office/messages/"+id).Sees(t, "Supplier quotes").Fits(t).Axe(t)
	shoot(t, ben, "office-thread-dark")

	ana.Fill("Your message", "Can we look at it ")
	ben.Until("he sees that she writes", `document.getElementById("typing").innerText.includes("Ana is writing")`)
	ana.Fill("Your message", "Can we look at it tomorrow?").Press("Send")
	ben.Until("her message arrives", `document.getElementById("talk").innerText.includes("look at it")`)
	ana.Until("her form is empty", `document.getElementById("compose-body").value === ""`)
	ben.Keys("r")
	ben.Until("the keyboard is in the form", `document.activeElement.id === "compose-body"`)
	ben.Press("Internal note").Fill("Your message", "CANARY she is in a hurry").Press("Send")
	ben.Until("his note stands there", `document.getElementById("talk").innerText.includes("CANARY")`)
	ben.Fill("Your message", "Gladly, at nine.").Press("Send")
	ana.Until("his message arrives", `document.getElementById("talk").innerText.includes("Gladly, at nine.")`)
	ana.SeesNot(t, "CANARY")
	ben.Until("he sees that she read it", `document.getElementById("talk").innerText.includes("Read by Ana")`)
	shoot(t, ben, "office-after")
	shoot(t, ana, "thread-after-360")
	ana.Screen(1280, false).Open("/portal/all/messages/" + id).Fits(t)
	shoot(t, ana, "thread-1280")
	ana.Screen(768, true).Open("/portal/all/messages/new").Fits(t).Axe(t)
	shoot(t, ana, "new-768")
	ben.Screen(360, false).Open("/office/messages/" + id).Fits(t).Axe(t)
	const counted = `Number.parseInt(document.querySelector(".tab .count").textContent || "0")`
	var before int
	ana.Eval(counted, &before)
	ben.Fill("Your message", "By the way: bring boots.").Press("Send")
	ana.Until("her menu counts it", fmt.Sprintf("%s === %d", counted, before+1))
	shoot(t, ben, "office-thread-360")
	ben.Screen(768, false).Open("/office/messages/answers").Fits(t).Axe(t)
	shoot(t, ben, "answers-768")
}
