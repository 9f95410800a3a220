package fact_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/fact"
	"portico/platform/id"
)

func hear(context.Context, bun.Tx, uuid.UUID, fact.ContactInvited) error { return nil }

func TestABusIsSealedOnce(t *testing.T) {
	bus := fact.NewBus()
	if bus.Publish(t.Context(), nil, id.New(), fact.ContactInvited{}) == nil {
		t.Error("published before anybody could listen")
	}
	handlers, err := bus.Seal([]fact.Subscriber{fact.On("activity:note", hear)})
	if err != nil || len(handlers) != 1 || handlers[0].Name != "fact:ContactInvited:activity:note" {
		t.Errorf("%+v, %v", handlers, err)
	}
	if _, err := bus.Seal(nil); err == nil {
		t.Error("sealed twice")
	}
	if err := bus.Publish(t.Context(), nil, id.New(), fact.PortalActivated{}); err != nil {
		t.Errorf("nobody listens, and yet: %v", err)
	}
}

func TestNobodyListensTwiceUnderOneName(t *testing.T) {
	if _, err := fact.NewBus().Seal([]fact.Subscriber{fact.On("activity:note", hear), fact.On("activity:note", hear)}); err == nil {
		t.Error("taken")
	}
}
