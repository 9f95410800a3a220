package domain

import (
	"context"
	"errors"
	"net"
	"time"
)

// Resolver asks the DNS.
type Resolver interface {
	// TXT gives the texts of a name: none when there is no such record, an error when that could not be learnt.
	TXT(ctx context.Context, name string) ([]string, error)
	// Addresses gives where a name leads.
	Addresses(ctx context.Context, name string) ([]string, error)
}

// askTime is how long one question may take, with its repetitions.
const askTime = 5 * time.Second

// DNS is the real one. Server is the name server to ask, as host:port; "": those of the machine.
type DNS struct{ Server string }

func (d DNS) resolver() *net.Resolver {
	r := &net.Resolver{PreferGo: true}
	if d.Server != "" {
		r.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, d.Server)
		}
	}
	return r
}

// TXT implements Resolver.
func (d DNS) TXT(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	texts, err := d.resolver().LookupTXT(ctx, name+".") // with the dot it is never looked for below the machine's own domain
	return texts, learnt(err)
}

// Addresses implements Resolver.
func (d DNS) Addresses(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	addresses, err := d.resolver().LookupHost(ctx, name+".")
	return addresses, learnt(err)
}

// learnt is nil when the DNS has answered, be it that there is nothing.
func learnt(err error) error {
	var answer *net.DNSError
	if errors.As(err, &answer) && answer.IsNotFound && !answer.IsTimeout && !answer.IsTemporary {
		return nil
	}
	return err
}
