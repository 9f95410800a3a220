// Package outside is how Portico calls addresses that people typed or browsers brought: never into the network that the
// installation itself stands in, whatever a name resolves to at the moment of the call.
package outside

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// MostBytes are read of one answer.
const MostBytes = 1 << 20

// ErrPrivate says that an address leads where nobody from outside may be sent to.
var ErrPrivate = errors.New("the address lies in a private network")

// reserved are networks that are neither private by name nor anybody's on the internet.
var reserved = func() (all []netip.Prefix) {
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}()

// Public reports whether an address is one that everybody can reach.
func Public(at netip.Addr) bool {
	at = at.Unmap().WithZone("")
	if !at.IsGlobalUnicast() || at.IsPrivate() || at.IsLoopback() || at.IsLinkLocalUnicast() {
		return false
	}
	for _, network := range reserved {
		if network.Contains(at) {
			return false
		}
	}
	return true
}

// Client calls with that much patience: no proxy, nothing that is not encrypted and no private network, unless private.
func Client(patience time.Duration, private bool) *http.Client {
	dialer := &net.Dialer{Timeout: patience}
	if !private {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !Public(at.Addr()) {
				return ErrPrivate
			}
			return nil
		}
	}
	return &http.Client{
		Timeout: patience,
		Transport: bounded{&http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: patience, ResponseHeaderTimeout: patience,
			MaxIdleConnsPerHost: 2, MaxIdleConns: 50, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10,
		}, private},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > 2 {
				return errors.New("too many redirects")
			}
			return nil
		},
	}
}

// bounded refuses what is not encrypted, and reads no answer without end.
type bounded struct {
	next    http.RoundTripper
	private bool
}

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !b.private {
		return nil, errors.New("the address is not encrypted")
	}
	answer, err := b.next.RoundTrip(r)
	if err == nil {
		answer.Body = limited{io.LimitReader(answer.Body, MostBytes), answer.Body}
	}
	return answer, err
}

type limited struct {
	io.Reader
	io.Closer
}
