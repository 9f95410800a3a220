// Package modules is the only list of sections: an import a line. Each registers itself.
package modules

import (
	_ "portico/modules/setup"
)
