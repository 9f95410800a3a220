package files

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Open gives the store at an address: a plain path, file:///dir, or
// s3://key:secret@host/bucket?region=eu-central-1&insecure=true. Nothing is asked over the network yet.
func Open(address string) (Store, error) {
	if address == "" {
		return nil, errors.New("no address for files")
	}
	if !strings.Contains(address, "://") {
		return openDir(address)
	}
	u, err := url.Parse(address)
	if err != nil { // its text would show the secret
		return nil, errors.New("the address for files cannot be read; in an S3 secret, write / as %2F and + as %2B")
	}
	switch u.Scheme {
	case "file":
		if u.Host != "" || u.Path == "" || u.RawQuery != "" {
			return nil, errors.New("the address for files must be file:///dir")
		}
		return openDir(u.Path)
	case "s3":
		return openBucket(u)
	}
	return nil, fmt.Errorf("files cannot live at %s://", u.Scheme)
}
