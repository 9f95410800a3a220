package door

import (
	"net/url"
	"strings"
)

// with adds the way back to an address of the door.
func with(path, to string) string {
	if to = local(to); to == "" {
		return path
	}
	return path + "?to=" + url.QueryEscape(to)
}

// masked shows an address to those who know it, and to nobody else: a••••@example.com.
func masked(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at < 1 {
		return email
	}
	return string([]rune(email)[:1]) + "••••" + email[at:]
}

// called is how one speaks to a person: the first of the names.
func called(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}
