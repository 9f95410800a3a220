package inbound_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/smtp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"portico/platform/inbound"
	"portico/platform/secret"
)

type kept struct {
	came []inbound.Arrived
	err  error
}

func (k *kept) take(_ context.Context, a inbound.Arrived) error {
	if k.err == nil {
		k.came = append(k.came, a)
	}
	return k.err
}

func desk(k *kept) *inbound.Desk {
	d := &inbound.Desk{Address: inbound.OpenAddress("reply@replies.example.com", secret.NewKey()), Secret: "a secret of twenty characters", Log: slog.New(slog.DiscardHandler)}
	d.Hand(k.take)
	return d
}

func TestAMailServiceHandsMailsOver(t *testing.T) {
	var k kept
	d, place := desk(&k), uuid.Must(uuid.NewV7())
	raw := []byte("From: a@example.com\r\nTo: Firm <" + d.Address.For(place) + ">, b@example.com\r\nSubject: x\r\n\r\nHello\r\n")
	mac := hmac.New(sha256.New, []byte(d.Secret))
	mac.Write(raw)
	signed := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	for name, try := range map[string]struct {
		h    inbound.Hooked
		want int
	}{
		"signed":           {inbound.Hooked{Signature: signed, Body: raw}, 204},
		"with the secret":  {inbound.Hooked{Authorization: "Bearer " + d.Secret, Body: raw, Recipient: "<" + d.Address.For(place) + ">", Sender: "a@example.com"}, 204},
		"without":          {inbound.Hooked{Body: raw}, 401},
		"wrongly signed":   {inbound.Hooked{Signature: signed, Body: append([]byte("x"), raw...)}, 401},
		"a wrong secret":   {inbound.Hooked{Authorization: "Bearer no", Body: raw}, 401},
		"for nobody here":  {inbound.Hooked{Authorization: "Bearer " + d.Secret, Body: raw, Recipient: "x@replies.example.com"}, 422},
		"no mail at all":   {inbound.Hooked{Authorization: "Bearer " + d.Secret, Body: []byte("\x00\x01")}, 422},
		"an empty request": {inbound.Hooked{Authorization: "Bearer " + d.Secret}, 422},
	} {
		k.came = nil
		status, _, err := d.Hook(t.Context(), try.h)
		if err != nil || status != try.want {
			t.Errorf("%s: %d, %v", name, status, err)
		}
		if (len(k.came) == 1) != (try.want == 204) {
			t.Errorf("%s: %d mails were taken", name, len(k.came))
		}
	}
	k.err = errors.New("the database is away")
	if _, _, err := d.Hook(t.Context(), inbound.Hooked{Signature: signed, Body: raw}); err == nil {
		t.Error("a mail that was not kept counts as kept")
	}
	none := &inbound.Desk{Log: d.Log}
	if status, _, _ := none.Hook(t.Context(), inbound.Hooked{Authorization: "Bearer ", Body: raw}); status != 401 {
		t.Errorf("without a secret of its own: %d", status)
	}
}

func TestServersBringMails(t *testing.T) {
	var k kept
	d, place := desk(&k), uuid.Must(uuid.NewV7())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Serve(ctx, l) }()
	send := func(to string) error {
		return smtp.SendMail(l.Addr().String(), nil, "ana@example.com", []string{to}, []byte("Subject: x\r\n\r\nHello\r\n"))
	}
	if err := send(d.Address.For(place)); err != nil {
		t.Error(err)
	}
	if len(k.came) != 1 || k.came[0].Place != place || k.came[0].From != "ana@example.com" || !strings.Contains(string(k.came[0].Raw), "Hello") {
		t.Errorf("it came as %+v", k.came)
	}
	if err := send("somebody@example.com"); err == nil || !strings.Contains(err.Error(), "550") {
		t.Errorf("it relays: %v", err)
	}
	k.err = errors.New("the database is away")
	if err := send(d.Address.For(place)); err == nil || !strings.Contains(err.Error(), "451") {
		t.Errorf("while nothing can be kept: %v", err)
	}
	k.err = inbound.ErrUnknown
	if err := send(d.Address.For(place)); err == nil || !strings.Contains(err.Error(), "550") {
		t.Errorf("to a conversation that has gone: %v", err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
