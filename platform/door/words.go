package door

import (
	"fmt"
	"strings"
	"time"

	"portico/platform/auth"
	"portico/platform/day"
)

// zone is the firm's own; a name that this machine does not know means UTC.
func zone(f auth.Firm) *time.Location {
	if at, err := day.Zone(f.Zone); err == nil {
		return at
	}
	return time.UTC
}

func numbered(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// listed is "Billing, Documents and Messages".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
