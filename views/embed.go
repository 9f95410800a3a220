// Package views is what is drawn around the sections: shells, sign-in, errors, mail, shared fragments, styles, scripts, icons, fonts.
package views

import "embed"

// FS holds every template and asset; file names that begin with an underscore are fragments.
//
//go:embed *.html all:auth all:mail icons assets
var FS embed.FS
