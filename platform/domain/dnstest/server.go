// Package dnstest is a real name server on this machine, for tests: what it answers can be changed, and it can be told to
// be silent or broken.
package dnstest

import (
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// Server answers on UDP and TCP at Address.
type Server struct {
	Address string

	mu     sync.Mutex
	txt    map[string][]string
	hosts  map[string]string
	all    string // the address of every name that is not named; "": there is none
	broken bool   // SERVFAIL
	silent bool   // no answer at all
	asked  map[string]int
}

// Start runs a server until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{txt: map[string][]string{}, hosts: map[string]string{}, asked: map[string]int{}}
	packets, l, err := listen()
	for n := 0; err != nil && n < 20; n++ {
		packets, l, err = listen()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Address = l.Addr().String()
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: s}, {Listener: l, Handler: s}} {
		up := make(chan struct{})
		server.NotifyStartedFunc = func() { close(up) }
		go func() { _ = server.ActivateAndServe() }()
		<-up
		t.Cleanup(func() { _ = server.Shutdown() })
	}
	return s
}

// listen takes a port of both kinds; the second kind may be somebody else's.
func listen() (net.PacketConn, net.Listener, error) {
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	l, err := net.Listen("tcp", packets.LocalAddr().String())
	if err != nil {
		_ = packets.Close()
	}
	return packets, l, err
}

// Say makes a TXT record of these texts; none: the record is gone.
func (s *Server) Say(name string, texts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.txt[name] = texts
	if len(texts) == 0 {
		delete(s.txt, name)
	}
}

// Lead gives a name an address.
func (s *Server) Lead(name, address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts[name] = address
}

// LeadAll gives every name this address.
func (s *Server) LeadAll(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = address
}

// Break answers every question with a failure of the server, until it is told false.
func (s *Server) Break(broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = broken
}

// Silence lets questions run into the void, until it is told false.
func (s *Server) Silence(silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = silent
}

// Asked is how often a name was asked for.
func (s *Server) Asked(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[name]
}

// ServeDNS is called by the server.
func (s *Server) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := new(dns.Msg).SetReply(q)
	answer.RecursionAvailable = true
	name := strings.ToLower(strings.TrimSuffix(q.Question[0].Name, "."))
	s.asked[name]++
	texts, address := s.txt[name], s.hosts[name]
	if address == "" {
		address = s.all
	}
	header := dns.RR_Header{Name: q.Question[0].Name, Rrtype: q.Question[0].Qtype, Class: dns.ClassINET, Ttl: 1}
	switch {
	case s.silent:
		return
	case s.broken:
		answer.Rcode = dns.RcodeServerFailure
	case q.Question[0].Qtype == dns.TypeTXT && len(texts) > 0:
		for _, text := range texts {
			answer.Answer = append(answer.Answer, &dns.TXT{Hdr: header, Txt: []string{text}})
		}
	case q.Question[0].Qtype == dns.TypeA && address != "":
		answer.Answer = append(answer.Answer, &dns.A{Hdr: header, A: net.ParseIP(address)})
	case len(texts) == 0 && address == "":
		answer.Rcode = dns.RcodeNameError
	}
	_ = w.WriteMsg(answer)
}
