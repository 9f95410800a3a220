package door

import (
	"fmt"
	"time"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/mailtext"
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
	return mailtext.Listed(words)
}
