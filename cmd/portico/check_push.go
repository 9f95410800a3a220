package main

import (
	"errors"
	"strings"

	"portico/platform/host"
)

// checkPush looks at what push services ask of whoever sends: encrypted pages, and an address to write to.
func checkPush(h *host.Host, say func(string, error)) {
	if h.Push.PublicKey() == "" {
		say("messages on devices: switched off (PORTICO_PUSH)", nil)
		return
	}
	_, domain, _ := strings.Cut(h.Config.PushFrom(), "@")
	var wrong error
	if local := h.Config.BaseHost() == "localhost" || h.Config.BaseHost() == "127.0.0.1"; !local && (domain == "localhost" || strings.HasSuffix(domain, ".local")) {
		wrong = errors.New("PORTICO_PUSH_CONTACT: push services such as Apple's refuse messages from " + domain + "; want an address that reaches you")
	}
	say("messages on devices come from "+h.Config.PushFrom(), wrong)
}
