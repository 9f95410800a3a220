package envelopes

import "portico/platform/auth"

// agreementNo names the words of agreement; other words have another number. Both stand in the events of a signature, so
// that it is known for ever what somebody agreed to. See docs/client-guide.md.
const agreementNo = "1"

// agreement is what somebody agrees to before signing electronically.
func agreement(f auth.Firm) []string {
	ask := f.Name
	switch {
	case f.Email != "" && f.Phone != "":
		ask += " (" + f.Email + ", " + f.Phone + ")"
	case f.Email != "":
		ask += " (" + f.Email + ")"
	case f.Phone != "":
		ask += " (" + f.Phone + ")"
	}
	return []string{
		"You read and sign this document on a screen instead of on paper. Your electronic signature binds you as one in ink would.",
		"You may have it on paper instead: ask " + ask + " for a paper copy, free of charge, before or after you sign.",
		"You may change your mind until you have signed: close this page, or decline. To receive later documents on paper, tell " + f.Name + ". What was signed before stays valid.",
		"You need a browser of the last two years, and a program that opens PDF files to keep your copy. When all have signed, the final document is mailed to you.",
		"We record your name and mail address, the time, the address of your device on the internet and your browser, as proof of who signed. They stand in the certificate at the end of the document.",
	}
}
