package setup_test

import "testing"

func TestAnAddressIsShownWhileItIsTypedAndItsOwnerIsTakenAlong(t *testing.T) {
	site := settled(t)
	tab := site.Chrome(t, "maria", 1280, false)
	tab.Open("/office/setup/address")
	for _, typed := range []struct{ name, says string }{
		{"harbor", "This address is taken"}, {"www", "reserved"}, {"n", "3 to 40"}, {"Northgate", at(site, "northgate")},
	} {
		tab.Fill("Name in the address", typed.name).Until("the preview says "+typed.says,
			`document.getElementById("address-preview").textContent.includes(`+quoted(typed.says)+`)`)
	}
	tab.Press("Change the name").Sees(t, "leads to the new one until")
	tab.Press("Change the address").Until("the new host", `location.origin === `+quoted(at(site, "northgate"))+` && location.pathname.startsWith("/sign-in/link/")`)
	tab.Press("Continue").Until("the page again", `location.pathname === "/office/setup/address"`).Sees(t, "Former addresses")
}

func quoted(text string) string { return `"` + text + `"` }
