package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

var domainShape = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)

// checkDomain looks at what HTTPS and domains need.
func (c *Config) checkDomain(bad func(name, value, want string)) {
	c.Domain = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(c.Domain)), ".")
	if c.Domain != "" && !domainShape.MatchString(c.Domain) {
		bad("PORTICO_DOMAIN", c.Domain, "a name such as portal.example.com: no https://, no port, and no address of numbers, for which nobody gives certificates")
	}
	for name, port := range map[string]int{"PORTICO_HTTPS_PORT": c.HTTPSPort, "PORTICO_HTTP_PORT": c.HTTPPort} {
		if port < 1 || port > 65535 {
			bad(name, fmt.Sprint(port), "a port from 1 to 65535")
		}
	}
	if c.Domain != "" && c.HTTPSPort == c.HTTPPort {
		bad("PORTICO_HTTP_PORT", fmt.Sprint(c.HTTPPort), "another port than PORTICO_HTTPS_PORT")
	}
	if at, err := url.Parse(c.ACMEURL); c.ACMEURL != "" && (err != nil || at.Scheme != "https" || at.Host == "") {
		bad("PORTICO_ACME_URL", c.ACMEURL, "the authority's directory, such as https://acme-v02.api.letsencrypt.org/directory")
	}
	if c.ACMEEmail != "" {
		if at, err := mail.ParseAddress(c.ACMEEmail); err != nil || at.Address != c.ACMEEmail {
			bad("PORTICO_ACME_EMAIL", c.ACMEEmail, "an address such as ops@example.com")
		}
	}
	if c.DNS != "" {
		host, _, err := net.SplitHostPort(c.DNS)
		if err != nil {
			host = strings.Trim(c.DNS, "[]")
			c.DNS = net.JoinHostPort(host, "53")
		}
		if _, err := netip.ParseAddr(host); err != nil {
			bad("PORTICO_DNS", c.DNS, "the address of a name server, such as 9.9.9.9 or 127.0.0.1:53")
		}
	}
}
