package time

import "portico/platform/notice"

// returnedNotice is what the section tells people of.
var returnedNotice = notice.Kind{
	ID: "time:returned", Title: "Time and expenses that come back", Help: "Somebody has sent back what you submitted, to be mended.", For: notice.Staff, Push: true,
}
