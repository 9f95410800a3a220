package sso

import (
	"context"
	"errors"
	"net"
	"time"
)

// callTime is for one call to a provider.
const callTime = 5 * time.Second

// away reports that nobody answered in time, or that the network is no place to ask.
func away(err error) bool {
	var net net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &net)
}
