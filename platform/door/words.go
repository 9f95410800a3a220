package door

import (
	"fmt"
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
