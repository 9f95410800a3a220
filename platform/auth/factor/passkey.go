package factor

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/secret"
)

// ChallengeLifetime is how long a browser may take to answer.
const ChallengeLifetime = 5 * time.Minute

// Passkeys asks browsers at one address for passkeys. A passkey belongs to the host at which it was made; it proves
// two factors, because the device must have verified its person.
type Passkeys struct{ site *webauthn.WebAuthn }

// PasskeysAt makes one for an origin such as https://acme.example.com; name is what the browser shows.
func PasskeysAt(origin, name string) (*Passkeys, error) {
	at, err := url.Parse(origin)
	if err != nil || at.Host == "" {
		return nil, fmt.Errorf("passkeys: origin %q: want https://host", origin)
	}
	site, err := webauthn.New(&webauthn.Config{
		RPID: at.Hostname(), RPDisplayName: name, RPOrigins: []string{at.Scheme + "://" + at.Host},
		AttestationPreference: protocol.PreferNoAttestation,
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys at %s: %w", origin, err)
	}
	return &Passkeys{site}, nil
}

// PasskeysFor is PasskeysAt, or nil where browsers know no passkeys: at bare numbers, and without TLS.
func PasskeysFor(origin, name string) *Passkeys {
	at, err := url.Parse(origin)
	if err != nil {
		return nil
	}
	host := at.Hostname()
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if _, err := netip.ParseAddr(host); err == nil || at.Scheme != "https" && !local {
		return nil
	}
	p, err := PasskeysAt(origin, name)
	if err != nil {
		return nil
	}
	return p
}

// Passkey is one as its person sees it.
type Passkey struct {
	ID         string
	Name       string
	CreatedAt  time.Time
	LastUsedAt time.Time // zero: never
}

// BeginAdd asks the viewer's browser to make a passkey: options go to navigator.credentials.create, the token into a
// cookie of five minutes.
func (p *Passkeys) BeginAdd(ctx context.Context, tx bun.IDB, v auth.Viewer) (options []byte, token string, err error) {
	person, err := holder(ctx, tx, v.FirmID(), v.PersonID)
	if err != nil {
		return nil, "", err
	}
	creation, session, err := p.site.BeginRegistration(person,
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		}),
		webauthn.WithExclusions(webauthn.Credentials(person.credentials).CredentialDescriptors()))
	if err != nil {
		return nil, "", fmt.Errorf("ask for a new passkey: %w", err)
	}
	return begin(ctx, tx, v.FirmID(), "passkey_add", v.PersonID, creation, session)
}

// FinishAdd keeps the passkey that the browser made; response is its JSON.
func (p *Passkeys) FinishAdd(ctx context.Context, tx bun.IDB, v auth.Viewer, token, name string, response []byte) (Passkey, error) {
	session, err := takeChallenge(ctx, tx, v.FirmID(), "passkey_add", v.PersonID, token)
	if err != nil {
		return Passkey{}, err
	}
	person, err := holder(ctx, tx, v.FirmID(), v.PersonID)
	if err != nil {
		return Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Passkey{}, errPasskey
	}
	credential, err := p.site.CreateCredential(person, session, parsed)
	if err != nil {
		return Passkey{}, errPasskey
	}
	return addPasskey(ctx, tx, v.FirmID(), v.PersonID, passkeyName(name), credential)
}

// BeginSignIn asks any browser for a passkey of this address: who it is comes out of the answer.
func (p *Passkeys) BeginSignIn(ctx context.Context, tx bun.IDB, firm uuid.UUID) (options []byte, token string, err error) {
	assertion, session, err := p.site.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", fmt.Errorf("ask for a passkey: %w", err)
	}
	return begin(ctx, tx, firm, "passkey_sign_in", uuid.Nil, assertion, session)
}

// FinishSignIn answers whose passkey it was; sign the person in with two factors.
func (p *Passkeys) FinishSignIn(ctx context.Context, tx bun.IDB, firm uuid.UUID, token string, response []byte) (person uuid.UUID, err error) {
	session, err := takeChallenge(ctx, tx, firm, "passkey_sign_in", uuid.Nil, token)
	if err != nil {
		return uuid.Nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return uuid.Nil, errPasskey
	}
	var broken error // a store that is away is not a wrong passkey
	find := func(_, handle []byte) (webauthn.User, error) {
		if person, err = uuid.FromBytes(handle); err != nil {
			return nil, err
		}
		found, err := holder(ctx, tx, firm, person)
		if err != nil && !fault.Is(err, fault.Missing) {
			broken = err
		}
		return found, err
	}
	_, credential, err := p.site.ValidatePasskeyLogin(find, session, parsed)
	if broken != nil {
		return uuid.Nil, broken
	}
	if err != nil {
		return uuid.Nil, errPasskey
	}
	return person, used(ctx, tx, firm, person, credential)
}

// BeginConfirm asks the signed-in viewer for one of the own passkeys: a second factor, or a step-up.
func (p *Passkeys) BeginConfirm(ctx context.Context, tx bun.IDB, v auth.Viewer) (options []byte, token string, err error) {
	person, err := holder(ctx, tx, v.FirmID(), v.PersonID)
	if err != nil {
		return nil, "", err
	}
	if len(person.credentials) == 0 {
		return nil, "", fault.NotFound()
	}
	assertion, session, err := p.site.BeginLogin(person, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", fmt.Errorf("ask for an own passkey: %w", err)
	}
	return begin(ctx, tx, v.FirmID(), "second_factor", v.PersonID, assertion, session)
}

// FinishConfirm elevates the viewer's session.
func (p *Passkeys) FinishConfirm(ctx context.Context, tx bun.IDB, v auth.Viewer, token string, response []byte) error {
	session, err := takeChallenge(ctx, tx, v.FirmID(), "second_factor", v.PersonID, token)
	if err != nil {
		return err
	}
	person, err := holder(ctx, tx, v.FirmID(), v.PersonID)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return errPasskey
	}
	credential, err := p.site.ValidateLogin(person, session, parsed)
	if err != nil {
		return errPasskey
	}
	if err := used(ctx, tx, v.FirmID(), v.PersonID, credential); err != nil {
		return err
	}
	return auth.Elevate(ctx, tx, v)
}

var errPasskey = fault.Invalid("This passkey was not accepted. Please try again, or sign in another way.")

// used refuses a passkey whose counter says that there are two of it, and keeps the new counter.
func used(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, credential *webauthn.Credential) error {
	if credential.Authenticator.CloneWarning {
		return fault.Invalid("This passkey seems to have been copied, so we do not accept it. Please sign in another way and replace it.")
	}
	return keepPasskey(ctx, tx, firm, person, credential)
}

func begin(ctx context.Context, tx bun.IDB, firm uuid.UUID, kind string, person uuid.UUID, options any, session *webauthn.SessionData) ([]byte, string, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return nil, "", err
	}
	token := secret.Token()
	return text, token, putChallenge(ctx, tx, firm, kind, person, token, session)
}

// keyHolder is a person as the library wants one.
type keyHolder struct {
	id          uuid.UUID
	name, email string
	credentials []webauthn.Credential
}

func (k keyHolder) WebAuthnID() []byte                         { return k.id[:] }
func (k keyHolder) WebAuthnName() string                       { return k.email }
func (k keyHolder) WebAuthnDisplayName() string                { return k.name }
func (k keyHolder) WebAuthnCredentials() []webauthn.Credential { return k.credentials }

func passkeyName(name string) string {
	name = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", ""), ""))
	if name == "" {
		return "Passkey"
	}
	if utf8.RuneCountInString(name) > 60 {
		name = string([]rune(name)[:60])
	}
	return name
}

func passkeyID(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

func passkeyBytes(id string) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return nil, errors.Join(fault.NotFound(), err)
	}
	return b, nil
}
