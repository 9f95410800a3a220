package web_test

import (
	"net/http"
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// behind is a site whose address is https, as a proxy in front of it serves it.
func behind(t *testing.T, environment ...string) *portaltest.Site {
	t.Helper()
	with := map[string]string{"PORTICO_URL": "https://portal.example.com", "PORTICO_MAIN_FIRM": "nobody"}
	for i := 0; i < len(environment); i += 2 {
		with[environment[i]] = environment[i+1]
	}
	return portaltest.Configured(t, with, newProbe().module())
}

const demoHost = "demo.portal.example.com"

func cookieNames(answer *http.Response) (names []string) {
	for _, c := range answer.Cookies() {
		names = append(names, c.Name)
	}
	return names
}

func TestPlainHTTPLeadsToHTTPS(t *testing.T) {
	t.Parallel()
	site := behind(t)
	session := "portico=" + site.Session("maria") + "; __Host-portico=" + site.Session("maria")
	for host, want := range map[string]string{
		demoHost: demoHost, strings.ToUpper(demoHost) + ".": demoHost, demoHost + ":8080": demoHost,
	} {
		answer := strange(t, site, "GET", "/office/probe?a=b%20c", nil, "Host", host, "Cookie", session)
		if answer.StatusCode != 308 || answer.Header.Get("Location") != "https://"+want+"/office/probe?a=b%20c" || len(answer.Cookies()) > 0 || text(t, answer) != "" {
			t.Errorf("%s: %d to %q", host, answer.StatusCode, answer.Header.Get("Location"))
		}
	}
	answer := strange(t, site, "POST", "/sign-in", strings.NewReader("email=ana"), "Host", demoHost, "Sec-Fetch-Site", "same-origin", "Content-Type", "application/x-www-form-urlencoded")
	if answer.StatusCode != 403 || answer.Header.Get("Location") != "" {
		t.Errorf("what was typed travels on: %d", answer.StatusCode)
	}
	for _, host := range []string{"evil.example", "nobody.portal.example.com", "demo.portal.example.com.evil.example", "démo.portal.example.com", "demo.portal.example.com@evil.example", "xn--dmo-bma.portal.example.com"} {
		if answer := strange(t, site, "GET", "/", nil, "Host", host); answer.Header.Get("Location") != "" || answer.StatusCode < 400 {
			t.Errorf("%s: %d to %q", host, answer.StatusCode, answer.Header.Get("Location"))
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} { // a balancer asks in the open, and learns nothing
		if answer := strange(t, site, "GET", path, nil, "Host", "10.0.0.7:8080"); answer.StatusCode != 200 {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
}

func TestAProxyThatIsNotKnownIsNamedAndLeadsNobodyInACircle(t *testing.T) {
	t.Parallel()
	stranger, known := behind(t), behind(t, "PORTICO_TRUSTED_PROXIES", "127.0.0.1")
	for _, c := range []struct {
		site  *portaltest.Site
		proto string
		want  int
		says  string
	}{
		{stranger, "https", 403, "PORTICO_TRUSTED_PROXIES"},
		{stranger, "http", 308, ""},
		{known, "", 403, "X-Forwarded-Proto"},
		{known, "http", 308, ""},
		{known, "https", 200, ""},
	} {
		headers := []string{"Host", demoHost}
		if c.proto != "" {
			headers = append(headers, "X-Forwarded-Proto", c.proto)
		}
		answer := strange(t, c.site, "GET", "/sign-in", nil, headers...)
		if body := text(t, answer); answer.StatusCode != c.want || !strings.Contains(body, c.says) {
			t.Errorf("%q: %d: %s", c.proto, answer.StatusCode, body)
		}
		secure := c.want == 200
		if (answer.Header.Get("Strict-Transport-Security") != "") != secure {
			t.Errorf("%q: Strict-Transport-Security %q", c.proto, answer.Header.Get("Strict-Transport-Security"))
		}
		for _, cookie := range answer.Cookies() {
			if !secure || !strings.HasPrefix(cookie.Name, "__Host-") || !cookie.Secure || cookie.Domain != "" || cookie.Path != "/" {
				t.Errorf("%q: cookie %v", c.proto, cookie)
			}
		}
	}
	maria := known.Session("maria")
	for name, want := range map[string]int{"__Host-portico": 200, "portico": 303} { // a neighbour's host can set the plain name
		answer := strange(t, known, "GET", "/office/probe", nil, "Host", demoHost, "X-Forwarded-Proto", "https", "Cookie", name+"="+maria)
		if answer.StatusCode != want {
			t.Errorf("the cookie %s over HTTPS: %d", name, answer.StatusCode)
		}
	}
}

func TestPlainHTTPIsForThisMachineAlone(t *testing.T) {
	t.Parallel()
	site := behind(t, "PORTICO_URL", "http://portal.lan")
	answer := strange(t, site, "GET", "/sign-in", nil, "Host", "demo.portal.lan")
	if body := text(t, answer); answer.StatusCode != 403 || !strings.Contains(body, "PORTICO_DOMAIN") || len(answer.Cookies()) > 0 {
		t.Errorf("%d, cookies %v: %s", answer.StatusCode, cookieNames(answer), body)
	}
	site = portaltest.Open(t, newProbe().module())
	for _, host := range []string{"demo.localhost", "localhost", "127.0.0.1", "[::1]"} {
		answer := strange(t, site, "GET", "/sign-in", nil, "Host", host)
		if answer.StatusCode != 200 {
			t.Errorf("%s: %d", host, answer.StatusCode)
		}
		for _, c := range answer.Cookies() {
			if strings.HasPrefix(c.Name, "__Host-") || c.Secure {
				t.Errorf("%s: browsers refuse %v", host, c)
			}
		}
	}
}

func TestAFormerAddressNeverServesData(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, newProbe().module())
	firm := site.FirmID()
	_, err := site.DB(t).NewRaw("insert into address (name, kind, firm_id, released_at) values ('former', 'key', ?, now()), ('ancient', 'key', ?, now() - interval '13 months')", firm, firm).Exec(t.Context())
	must(t, err)
	maria := "portico=" + site.Session("maria")
	for _, host := range []string{"former.localhost", "FORMER.localhost.", "former.localhost:1"} {
		for _, method := range []string{"GET", "HEAD", "POST", "DELETE"} {
			for _, path := range []string{"/", "/office/probe", "/probe/who", "/files/x/thumb", "/live", "/sign-in?to=%2F%2Fevil.example", "/no/such/page", "//evil.example/x"} {
				answer := strange(t, site, method, path, nil, "Host", host, "Cookie", maria, "Sec-Fetch-Site", "same-origin", "X-Forwarded-Host", "demo.localhost")
				to := answer.Header.Get("Location")
				if body := text(t, answer); answer.StatusCode != 308 || !strings.HasPrefix(to, site.Links.At("localhost")+"/") || body != "" || len(answer.Cookies()) > 0 {
					t.Errorf("%s %s%s: %d to %q, cookies %v, %q", method, host, path, answer.StatusCode, to, cookieNames(answer), body)
				}
			}
		}
	}
	if answer := strange(t, site, "GET", "/probe/who", nil, "Host", "ancient.localhost", "Cookie", maria); answer.StatusCode != 421 {
		t.Errorf("after a year: %d", answer.StatusCode)
	}
}

func TestASuspendedFirmShowsNothingAtAnyOfItsAddresses(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, newProbe().module())
	firm := site.FirmID()
	_, err := site.DB(t).NewRaw("insert into address (name, kind, firm_id) values ('portal.northgate.localhost', 'domain', ?)", firm).Exec(t.Context())
	must(t, err)
	maria := "portico=" + site.Session("maria")
	must(t, site.DB(t).NewRaw("update firm set status = 'suspended' where firm_id = ? returning firm_id", firm).Scan(t.Context(), &firm))
	for _, host := range []string{"demo.localhost", "localhost", "portal.northgate.localhost"} {
		answer := strange(t, site, "GET", "/office/probe", nil, "Host", host, "Cookie", maria)
		if answer.StatusCode != 404 {
			t.Errorf("%s: %d", host, answer.StatusCode)
		}
	}
}

func TestAProxyMayAskWhichHostsAreOurs(t *testing.T) {
	t.Parallel()
	site := behind(t)
	for host, want := range map[string]int{
		"demo.portal.example.com": 200, "portal.example.com": 200, "Demo.Portal.Example.com": 200, "nobody.portal.example.com": 404, "evil.example": 404,
		"": 404, "a.demo.portal.example.com": 404,
	} {
		if answer := strange(t, site, "GET", "/certifiable?domain="+host, nil, "Host", "127.0.0.1:8080"); answer.StatusCode != want {
			t.Errorf("%q: %d", host, answer.StatusCode)
		}
	}
	if answer := strange(t, site, "GET", "/certifiable?domain=demo.portal.example.com", nil, "X-Forwarded-For", "203.0.113.9"); answer.StatusCode != 404 {
		t.Errorf("a visitor asks through the proxy: %d", answer.StatusCode)
	}
}
