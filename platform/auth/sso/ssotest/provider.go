// Package ssotest has two providers for tests: a real one, in a process of its own, and a liar that says whatever a test
// wants it to say.
package ssotest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// User is somebody with an account at the provider.
type User struct {
	ID, Username, Password, FirstName, LastName, Email string
	EmailVerified                                      bool
}

// Provider is a real OpenID Connect server.
type Provider struct {
	Issuer, ClientID, Secret string

	stop func()
}

const password = "horse battery staple"

// Person is a user whose address the provider vouches for.
func Person(id, name, email string) User {
	first, last, _ := strings.Cut(name, " ")
	return User{ID: id, Username: email, Password: password, FirstName: first, LastName: last, Email: email, EmailVerified: true}
}

// Start runs a provider that knows the users, and sends them back to the given address only.
func Start(t testing.TB, redirect string, users ...User) *Provider {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{ClientID: "portico", Secret: "a secret & more"}
	command := exec.Command(binary)
	in, err := command.StdinPipe()
	must(t, err)
	out, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	p.stop = sync.OnceFunc(func() {
		_ = in.Close() // it ends with its input, also when this process is killed
		_ = command.Wait()
	})
	t.Cleanup(p.stop)
	must(t, json.NewEncoder(in).Encode(map[string]any{
		"ClientID": p.ClientID, "Secret": p.Secret, "Redirects": []string{redirect}, "Users": users,
	}))
	line, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	p.Issuer = strings.TrimSpace(line)
	return p
}

// Stop takes the provider away.
func (p *Provider) Stop() { p.stop() }

var build = sync.OnceValues(func() (string, error) {
	source, err := source()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(os.TempDir(), fmt.Sprintf("portico-test-provider-%d", os.Getuid()))
	made, err := os.CreateTemp(os.TempDir(), "portico-test-provider-*") // several test programs may build at once
	if err != nil {
		return "", err
	}
	_ = made.Close()
	command := exec.Command("go", "build", "-o", made.Name(), ".")
	command.Dir = source
	if said, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the provider: %w\n%s", err, said)
	}
	return binary, os.Rename(made.Name(), binary)
})

// source is the provider's folder, found from wherever the test runs.
func source() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		folder := filepath.Join(dir, "platform", "auth", "sso", "ssotest", "testdata", "provider")
		if _, err := os.Stat(folder); err == nil {
			return folder, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("the provider's source is not above this folder")
		}
	}
}

var requestID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// SignIn goes where the site has sent the browser, signs in there with a username, and gives the address that the
// provider sends the browser back to.
func (p *Provider) SignIn(t testing.TB, address, username string) (back string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	client := http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), p.Issuer) {
			back = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page := read(t, must1(t)(client.Get(address)))
	if back != "" {
		return back
	}
	id := requestID.FindStringSubmatch(page)
	if id == nil {
		t.Fatalf("the provider has no form at %s:\n%s", address, page)
	}
	page = read(t, must1(t)(client.PostForm(p.Issuer+"login/username", url.Values{"id": {id[1]}, "username": {username}, "password": {password}})))
	if back == "" {
		t.Fatalf("the provider does not send %s back:\n%s", username, page)
	}
	return back
}

func read(t testing.TB, answer *http.Response) string {
	t.Helper()
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	return string(text)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must1(t testing.TB) func(*http.Response, error) *http.Response {
	return func(answer *http.Response, err error) *http.Response {
		t.Helper()
		must(t, err)
		return answer
	}
}
