package billing

import "portico/platform/web"

// confirmView asks before something that cannot be undone, or that clients notice: in a dialog, or as a page.
type confirmView struct {
	*web.Here
	Part         bool
	Title, Text  string
	Facts        []fact
	Mails        []string // who gets a mail
	NoMail       string   // why nobody does
	Reason       bool     // one has to be given
	Form         reasonForm
	Action, Back string
	Do, Icon     string
	Danger       bool
	Version      int
	Hidden       []choice // what the form carries on
}

// fact is a line of what is asked about.
type fact struct{ Name, Value string }
