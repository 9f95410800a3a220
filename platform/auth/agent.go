package auth

import "strings"

// DeviceName guesses, from what a browser says of itself, the name under which its person will know a device.
func DeviceName(agent string) string {
	for _, known := range []struct{ sign, name string }{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Macintosh", "Mac"}, {"Windows", "Windows computer"},
		{"CrOS", "Chromebook"}, {"Linux", "Linux computer"},
	} {
		if strings.Contains(agent, known.sign) {
			return known.name
		}
	}
	return "Passkey"
}

// BrowserName is the same for the program that one browses with.
func BrowserName(agent string) string {
	for _, known := range []struct{ sign, name string }{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	} {
		if strings.Contains(agent, known.sign) {
			return known.name
		}
	}
	return "a browser"
}
