// Package firm keeps the firms of an installation, their settings, and the hosts at which they answer.
package firm

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/fault"
)

// New is a firm to be made.
type New struct {
	Key, Name, Kind        string // Kind "": builder
	Zone, Locale, Currency string // "": UTC, en-US, USD
	Email                  string
}

// Settings are what a firm says of itself and of its portal. Version is the one that was read: saving an older one is
// refused, so that two people never undo each other unseen.
type Settings struct {
	ID                             uuid.UUID
	Key                            string
	Name, Kind                     string
	PortalOn                       bool
	Switches                       access.Switches
	Zone, Locale, Currency         string
	Email, Phone, Address, Website string
	BrandColor                     string
	LogoID                         uuid.UUID
	LinksLast                      bool
	AutoActivate                   bool     // the first document for signature opens a client's portal
	SecondFactor                   []string // staff roles that must have one
	Suspended                      bool
	Version                        int
}

// Kinds are what a firm can be, in the order in which screens show them.
var Kinds = []string{"builder", "agency", "services", "events"}

var (
	keyShape   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$`)
	colorShape = regexp.MustCompile(`^#[0-9a-f]{6}$`)
)

// reserved are names that visitors would take for the installation's own.
var reserved = strings.Fields(`
	abuse account accounts admin administrator api app apps assets auth autoconfig autodiscover backup beta billing blog bounce
	cdn chat client clients console contact dashboard demo-files dev dns docs download downloads email example files firm firms ftp
	git help home host hostmaster http https image images imap info install internal invoice invoices localhost log login logout
	mail mailer mailbox metrics mobile monitor mx my news noreply no-reply ns ns1 ns2 office old operator ops pay payment payments
	pop pop3 portal portico postmaster preview private proxy public register registry root sandbox search secure security server
	sftp shop sign sign-in sign-up signin signup site smtp ssh ssl staff staging static stats status store support system test
	tls token upload uploads user users vpn web webhook webhooks webmail webmaster wiki www www1 www2`)

// CheckKey says what is wrong with the name of a portal's address.
func CheckKey(key string) error {
	switch {
	case !keyShape.MatchString(key):
		return fault.Field("key", "Use 3 to 40 small letters, digits and dashes, beginning and ending with a letter or digit.")
	case slices.Contains(reserved, key), strings.HasPrefix(key, "xn--"):
		return fault.Field("key", "This name is reserved. Please choose another one.")
	}
	return nil
}

func (n *New) check() error {
	n.Key, n.Name = strings.ToLower(strings.TrimSpace(n.Key)), tidy(n.Name)
	if err := CheckKey(n.Key); err != nil {
		return err
	}
	s := Settings{
		Name: n.Name, Kind: or(n.Kind, "builder"), Zone: or(n.Zone, "UTC"), Locale: or(n.Locale, "en-US"),
		Currency: or(n.Currency, "USD"), Email: n.Email, BrandColor: "#3b5b4f",
	}
	if err := s.check(); err != nil {
		return err
	}
	n.Kind, n.Zone, n.Locale, n.Currency, n.Email = s.Kind, s.Zone, s.Locale, s.Currency, s.Email
	return nil
}

func (s *Settings) check() error {
	fields := fault.Fields{}
	s.Name, s.Phone = tidy(s.Name), tidy(s.Phone)
	s.Address = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s.Address, ""), "\x00", ""))
	if s.Name == "" {
		fields["name"] = "Enter the name of your business."
	} else if utf8.RuneCountInString(s.Name) > 120 {
		fields["name"] = "Enter a name of at most 120 characters."
	}
	if !slices.Contains(Kinds, s.Kind) {
		fields["kind"] = "Choose one from the list."
	}
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "" || s.Zone == "Local" {
		fields["zone"] = "Choose a time zone from the list."
	}
	if _, err := language.Parse(s.Locale); err != nil {
		fields["locale"] = "Choose a language from the list."
	}
	if s.Currency = strings.ToUpper(strings.TrimSpace(s.Currency)); !isCurrency(s.Currency) {
		fields["currency"] = "Enter a currency such as USD or EUR."
	}
	if s.Email != "" {
		email, ok := auth.CleanEmail(s.Email)
		if !ok {
			fields["email"] = "Enter an address such as office@example.com."
		}
		s.Email = email
	}
	if s.Website = strings.TrimSpace(s.Website); s.Website != "" {
		at, err := url.Parse(s.Website)
		if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" {
			fields["website"] = "Enter an address that begins with https://."
		}
	}
	if s.BrandColor = strings.ToLower(strings.TrimSpace(s.BrandColor)); !colorShape.MatchString(s.BrandColor) {
		fields["brand_color"] = "Enter a color such as #3b5b4f."
	}
	for _, role := range s.SecondFactor {
		if !slices.Contains([]access.Role{access.Owner, access.Admin, access.Member}, access.Role(role)) {
			fields["second_factor"] = "Choose owner, admin or member."
		}
	}
	return fault.InFields(fields)
}

func isCurrency(code string) bool {
	_, err := currency.ParseISO(code)
	return err == nil && len(code) == 3
}

// Hosts are the names at which an installation answers.
type Hosts struct {
	Base     string   // firms live below it: acme.<base>; without a port; never empty
	Own      []string // the installation's own, beside Base itself; they answer for one firm
	MainFirm string   // the key of that firm; "": the only one there is
}

// key gives the firm's key in a host below Base.
func (h Hosts) key(host string) (key string, ok bool) {
	key, ok = strings.CutSuffix(host, "."+h.Base)
	return key, ok && keyShape.MatchString(key)
}

func (h Hosts) own(host string) bool {
	return host != "" && host == h.Base || slices.Contains(h.Own, host)
}

// Mine reports whether a host is the installation's own, whoever lives there.
func (h Hosts) Mine(host string) bool { return h.own(host) }

// CleanHost gives the one spelling of a Host header: small letters, no port, no dot at the end.
func CleanHost(header string) string {
	host := header
	if name, _, err := net.SplitHostPort(header); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

var domainShape = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`)

// CheckDomain says what is wrong with a firm's own domain.
func (h Hosts) CheckDomain(domain string) error {
	switch {
	case len(domain) > 253 || !domainShape.MatchString(domain):
		return fault.Field("domain", "Enter a name such as portal.example.com.")
	case h.own(domain), strings.HasSuffix(domain, "."+h.Base):
		return fault.Field("domain", "This name belongs to the installation.")
	}
	return nil
}

// Place is what a host stands for.
type Place struct {
	Firm uuid.UUID
	Key  string // the firm's present key
	Host string // the firm's present host, without a port; what links are made with
	Old  bool   // the host asked for is a former one: redirect to Host
}

// Summary is a firm in the operator's list.
type Summary struct {
	ID        uuid.UUID
	Key, Name string
	Kind      string
	Suspended bool
	PortalOn  bool
	Staff     int
	Clients   int
	CreatedAt time.Time
}

func or(s, fallback string) string {
	if s = strings.TrimSpace(s); s == "" {
		return fallback
	}
	return s
}

// tidy makes one line of what was typed.
func tidy(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	return strings.Join(strings.Fields(s), " ")
}
