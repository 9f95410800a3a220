package files

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// Key is where a firm's file lives: firm/<uuid>/<uuid>, and below it its variants. Stores take no
// other keys, so a variant that is not a plain word makes a key that is refused.
func Key(firm, id uuid.UUID, variant string) string {
	key := Prefix(firm) + "/" + id.String()
	if variant != "" {
		key += "/" + variant
	}
	return key
}

// Prefix is where all files of a firm live.
func Prefix(firm uuid.UUID) string { return "firm/" + firm.String() }

// ErrKey refuses a key that Key did not make.
var ErrKey = fmt.Errorf("not a key of ours")

// original is the name a local directory gives to the file itself, beside its variants.
const original = "original"

var word = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

func checkKey(key string) error {
	parts := strings.Split(key, "/")
	plain := len(parts) == 3
	varied := len(parts) == 4 && word.MatchString(parts[3]) && parts[3] != original
	if !(plain || varied) || parts[0] != "firm" || !canonical(parts[1]) || !canonical(parts[2]) {
		return fmt.Errorf("%w: %.200q", ErrKey, key)
	}
	return nil
}

func checkPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	firm, isFirm := strings.CutPrefix(prefix, "firm/")
	if isFirm && canonical(firm) {
		return nil
	}
	return checkKey(prefix)
}

// canonical is strict where uuid.Parse is generous: one file has one key.
func canonical(s string) bool {
	id, err := uuid.Parse(s)
	return err == nil && id.String() == s
}
