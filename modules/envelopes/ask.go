package envelopes

import "portico/platform/web"

// askView is a question before a deed.
type askView struct {
	*web.Here
	Title, Text   string
	Facts         []choice
	Mails         []string
	NoMail        string
	Reason        bool
	ReasonHelp    string
	Days          bool
	Form          askForm
	Action, Back  string
	Do, Icon      string
	Danger        bool
	Version       int
	WhoElse, Lack []string
}

// askForm is the answer.
type askForm struct {
	Reason  string `form:"reason"`
	Until   string `form:"until"`
	Version int    `form:"version"`
}
