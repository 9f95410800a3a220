// Package demo is the world in which demonstrations and tests play: what every section may add its own chapter to.
package demo

import (
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
)

// Story is one firm of the demo, told up to now. The default one is Northgate Builders: Maria Okafor owns it, Ben
// Lindqvist manages the sites. The Riveras' remodel is under way, the Chens' house is finished, the Haddads' is just
// sold. Big demos have no names to speak of: Main is false.
type Story struct {
	Firm     auth.Firm
	Now      time.Time
	Rand     *rand.Rand // from the seed: the same seed tells the same story
	Main     bool       // the firm with the key "demo"
	People   map[string]Person
	Clients  map[string]Client
	Projects map[string]Project
	Size     Size // of a big demo: what a section should make of its own, such as invoices
	Made     Made // and what it has made
}

// Person is a member of staff or a contact, by first name: "maria", "ana".
type Person struct {
	ID        uuid.UUID // person
	ContactID uuid.UUID // Nil: staff
	ClientID  uuid.UUID
	Name      string
	Email     string
	Role      string // staff
}

// Client is a customer, by a short name: "rivera".
type Client struct {
	ID   uuid.UUID
	Name string
}

// Project is by its key: "maple-street".
type Project struct {
	ID       uuid.UUID
	ClientID uuid.UUID
	Key      string
	Name     string
	Status   string
}

// Day is midnight UTC of a day relative to the story's now.
func (s *Story) Day(days int) time.Time { return s.Now.AddDate(0, 0, days) }

// Size is how much of everything a big demo has, over all of its firms.
type Size struct {
	Firms, Clients, Projects, Invoices int
	Seed                               uint64
}

// Empty reports whether nothing was asked for.
func (s Size) Empty() bool {
	return s.Firms == 0 && s.Clients == 0 && s.Projects == 0 && s.Invoices == 0
}

// Made is what a big demo has become.
type Made struct{ Firms, Clients, Contacts, Projects, Invoices int }
