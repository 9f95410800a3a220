// Package modules is the only list of sections: an import a line. Each registers itself.
package modules

import (
	_ "portico/modules/billing"
	_ "portico/modules/clients"
	_ "portico/modules/dailylogs"
	_ "portico/modules/dashboard"
	_ "portico/modules/documents"
	_ "portico/modules/envelopes"
	_ "portico/modules/help"
	_ "portico/modules/messages"
	_ "portico/modules/notices"
	_ "portico/modules/profile"
	_ "portico/modules/schedule"
	_ "portico/modules/selections"
	_ "portico/modules/setup"
	_ "portico/modules/team"
	_ "portico/modules/time"
	_ "portico/modules/transfer"
	_ "portico/modules/users"
)
