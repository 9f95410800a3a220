package port_test

import (
	"context"
	"errors"
	"testing"

	"portico/platform/port"
)

var balances = port.Define[int, string]("balances")

func TestAQuestionFindsItsAnswer(t *testing.T) {
	board := port.NewBoard()
	if _, ok, err := balances.Ask(t.Context(), board, 1); ok || err != nil {
		t.Errorf("nobody answers, and yet: %v, %v", ok, err)
	}
	sorry := errors.New("sorry")
	balances.Answer(board, func(_ context.Context, q int) (string, error) {
		if q < 0 {
			return "", sorry
		}
		return "paid", nil
	})
	if a, ok, err := balances.Ask(t.Context(), board, 1); a != "paid" || !ok || err != nil {
		t.Errorf("%q, %v, %v", a, ok, err)
	}
	if _, ok, err := balances.Ask(t.Context(), board, -1); ok || !errors.Is(err, sorry) {
		t.Errorf("%v, %v", ok, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("two answers")
		}
	}()
	balances.Answer(board, func(context.Context, int) (string, error) { return "", nil })
}
