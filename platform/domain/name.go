package domain

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"portico/platform/fault"
	"portico/platform/firm"
)

// Clean gives the one spelling of a domain as somebody typed or pasted it: small letters, without https:// and path, other
// scripts as the DNS writes them ("bücher.example" is "xn--bcher-kva.example").
func Clean(hosts firm.Hosts, typed string) (string, error) {
	name := strings.ToLower(strings.TrimSpace(typed))
	name = strings.TrimPrefix(strings.TrimPrefix(name, "https://"), "http://")
	name, _, _ = strings.Cut(name, "/")
	name = strings.TrimSuffix(name, ".")
	switch {
	case name == "":
		return "", fault.Field("domain", "Enter a name such as portal.example.com.")
	case isAddress(name):
		return "", fault.Field("domain", "This is the number of a machine. Enter a name such as portal.example.com.")
	case strings.HasPrefix(name, "*."):
		return "", fault.Field("domain", "Enter one name, without the star: portal.example.com.")
	case strings.ContainsAny(name, ":@?#"):
		return "", fault.Field("domain", "Enter the name alone, without port or anything else: portal.example.com.")
	}
	name, err := idna.Lookup.ToASCII(name)
	if err != nil {
		return "", fault.Field("domain", "This is no name that the internet knows. Enter one such as portal.example.com.")
	}
	if err := hosts.CheckDomain(name); err != nil {
		return "", err
	}
	if suffix, _ := publicsuffix.PublicSuffix(name); suffix == name {
		return "", fault.Field("domain", "Many people share “"+name+"”. Enter a name of your own below it, such as portal.your-firm."+name+".")
	}
	return name, nil
}

func isAddress(name string) bool {
	_, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil
}

// Shown writes a domain as people read it; "" where it reads as it is written.
func Shown(name string) string {
	shown, err := idna.Display.ToUnicode(name)
	if err != nil || shown == name {
		return ""
	}
	return shown
}

// Apex reports whether nothing of the owner's stands above the name: such names cannot have a CNAME record.
func Apex(name string) bool {
	own, err := publicsuffix.EffectiveTLDPlusOne(name)
	return err == nil && own == name
}
