package envelopes

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/google/uuid"

	"portico/platform/secret"
)

// token is what a recipient's link carries. It is made from the installation's secret, so that a reminder can carry the same
// link again without the token being kept anywhere; a higher number is another link, and ends the one before.
func token(key secret.Key, recipient uuid.UUID, number int) string {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(number))
	return base64.RawURLEncoding.EncodeToString(key.MAC("envelope link", recipient[:], n[:]))
}
