package factor_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// authenticator is a security key in software: what a browser and its authenticator answer together.
type authenticator struct {
	t            testing.TB
	site, origin string
	key          *ecdsa.PrivateKey
	id, handle   []byte
	count        uint32
	unverified   bool
}

func newDevice(t testing.TB, site, origin string) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return &authenticator{t: t, site: site, origin: origin, key: key, id: id}
}

func (d *authenticator) at(origin string) *authenticator {
	other := *d
	other.origin = origin
	return &other
}

type question struct {
	PublicKey struct {
		Challenge string
		User      struct{ ID string }
	} `json:"publicKey"`
}

func (d *authenticator) read(options []byte) (q question) {
	d.t.Helper()
	if err := json.Unmarshal(options, &q); err != nil || q.PublicKey.Challenge == "" {
		d.t.Fatal(string(options), err)
	}
	return q
}

func (d *authenticator) client(kind, challenge string) []byte {
	text, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return text
}

func (d *authenticator) data(more byte) []byte {
	site := sha256.Sum256([]byte(d.site))
	flags := byte(0x01) | more // a person was present
	if !d.unverified {
		flags |= 0x04
	}
	d.count++
	return binary.BigEndian.AppendUint32(append(site[:], flags), d.count)
}

var b64 = base64.RawURLEncoding

func (d *authenticator) create(options []byte) []byte {
	d.t.Helper()
	q := d.read(options)
	d.handle, _ = b64.DecodeString(q.PublicKey.User.ID)
	public, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	cose, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: public[1:33], -3: public[33:]})
	if err != nil {
		d.t.Fatal(err)
	}
	data := append(d.data(0x40), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(append(data, d.id...), cose...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{
		"clientDataJSON": b64.EncodeToString(d.client("webauthn.create", q.PublicKey.Challenge)), "attestationObject": b64.EncodeToString(object),
	})
}

func (d *authenticator) get(options []byte) []byte {
	d.t.Helper()
	client, data := d.client("webauthn.get", d.read(options).PublicKey.Challenge), d.data(0)
	hash := sha256.Sum256(client)
	signed := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, signed[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{
		"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
		"signature": b64.EncodeToString(signature), "userHandle": b64.EncodeToString(d.handle),
	})
}

func (d *authenticator) answer(response map[string]any) []byte {
	id := b64.EncodeToString(d.id)
	text, _ := json.Marshal(map[string]any{"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	return text
}
