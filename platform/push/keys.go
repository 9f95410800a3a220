package push

import (
	"crypto/ecdh"
	"encoding/base64"

	"portico/platform/secret"
)

// keys are the installation's: browsers ask their push service to take messages signed with them alone. They follow from
// the installation's secret, so that every process has the same, and there is no file to be copied or lost.
type keys struct{ private, public string }

func keysOf(k secret.Key) keys {
	for n := byte(0); ; n++ { // one draw in four thousand million is no key of the curve
		private, err := ecdh.P256().NewPrivateKey(k.MAC("web push", []byte{n}))
		if err == nil {
			return keys{base64.RawURLEncoding.EncodeToString(private.Bytes()), base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes())}
		}
	}
}
