// The provider is a real OpenID Connect server for tests: the example server of the library that Zitadel is built on. It
// is a module and a process of its own, so that the program depends on none of it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

// setup comes on the first line of the standard input; when the input ends, so does the server.
type setup struct {
	ClientID, Secret string
	Redirects        []string
	Users            []storage.User
}

type users map[string]*storage.User

func (u users) GetUserByID(id string) *storage.User { return u[id] }

func (u users) GetUserByUsername(name string) *storage.User {
	for _, user := range u {
		if user.Username == name {
			return user
		}
	}
	return nil
}

func (users) ExampleClientID() string { return storage.ServiceUserID }

func main() {
	var s setup
	in := json.NewDecoder(os.Stdin)
	if err := in.Decode(&s); err != nil {
		log.Fatal(err)
	}
	known := users{}
	for _, user := range s.Users {
		known[user.ID] = &user
	}
	storage.RegisterClients(storage.WebClient(s.ClientID, s.Secret, s.Redirects...))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	issuer := fmt.Sprintf("http://localhost:%d/", l.Addr().(*net.TCPAddr).Port)
	handler := exampleop.SetupServer(issuer, storage.NewStorage(known), slog.New(slog.NewTextHandler(os.Stderr, nil)), false)
	fmt.Println(issuer)
	go func() {
		_, _ = io.Copy(io.Discard, in.Buffered())
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	server := http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.Serve(l))
}
