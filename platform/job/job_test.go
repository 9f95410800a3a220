package job_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/id"
	"portico/platform/job"
)

type errand struct{ Note string }

var remind = job.New[errand]("billing:remind")

func panics(fn func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	fn()
	return false
}

func TestNamesSayModuleAndVerb(t *testing.T) {
	for _, name := range []string{"", "remind", "Billing:remind", "billing:", "billing:re mind", "billing:a:b", "fact:X:y"} {
		if !panics(func() { job.New[errand](name) }) {
			t.Errorf("%q is taken", name)
		}
	}
}

func TestSchedulesAreCheckedWhenTheyAreWritten(t *testing.T) {
	nothing := func(context.Context, bun.Tx, uuid.UUID) error { return nil }
	if !panics(func() { job.Every("7 o'clock", "billing:find_overdue", nothing) }) {
		t.Error("taken")
	}
	h := job.Every("0 7 * * *", "billing:find_overdue", nothing).Within(time.Minute)
	at := time.Date(2026, 3, 4, 8, 0, 0, 0, time.UTC)
	if next := h.Schedule().Next(at); next != time.Date(2026, 3, 5, 7, 0, 0, 0, time.UTC) || h.Timeout != time.Minute || h.Once {
		t.Errorf("%+v next at %s", h, next)
	}
}

func TestPayloadsCarryIDsAndNothingLong(t *testing.T) {
	_, err := remind.Enqueue(t.Context(), nil, id.New(), errand{Note: strings.Repeat("x", 10_000)})
	if err == nil || strings.Contains(err.Error(), "xxx") {
		t.Errorf("got %v", err)
	}
}

func TestAPayloadThatCannotBeReadIsNotRepeated(t *testing.T) {
	h := remind.Handle(func(context.Context, bun.Tx, uuid.UUID, errand) error { return nil })
	err := h.Run(t.Context(), bun.Tx{}, id.New(), []byte(`{"Note": secret`))
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestTwoHandlersOfOneNameAreRefused(t *testing.T) {
	h := remind.Handle(func(context.Context, bun.Tx, uuid.UUID, errand) error { return nil })
	if _, err := job.NewTable([]job.Handler{h, h}); err == nil {
		t.Error("taken")
	}
}
