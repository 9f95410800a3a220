package billing

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/web"
)

// movement is what of a payment moved by itself: how it came, what went back, and who objects.
type movement struct {
	*web.Here
	Attempt  Attempt // the zero one: it did not come online
	Mark     mark
	Account  string
	Steps    []happening
	Refunds  []refundRow
	Disputes []disputeRow
	Settles  bool
}

type refundRow struct {
	Refund
	Mark mark
}

func refundRows(list []Refund) []refundRow {
	rows := make([]refundRow, len(list))
	for n, one := range list {
		rows[n] = refundRow{one, one.mark()}
	}
	return rows
}

type disputeRow struct {
	Dispute
	Mark mark
}

// Any reports whether there is something to show.
func (m movement) Any() bool { return m.Attempt.ID != uuid.Nil || len(m.Refunds) > 0 }

func movementOf(r *web.Request, p Payment) (m movement, err error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	m.Here, m.Settles = r.Here(), v.May(settle)
	refunds, err := refundsOf(ctx, tx, v, p.ID)
	if err != nil {
		return m, err
	}
	m.Refunds = refundRows(refunds)
	if !p.Method.Online() {
		return m, nil
	}
	m.Attempt, err = attemptOfPayment(ctx, tx, v, p.ID)
	if err != nil {
		return m, fault.IgnoreNotFound(err)
	}
	m.Mark = m.Attempt.mark()
	if m.Account, err = accountTitle(ctx, tx, v, m.Attempt.AccountID); err != nil {
		return m, err
	}
	disputes, err := disputesOf(ctx, tx, v, m.Attempt.ID)
	if err != nil {
		return m, err
	}
	for _, one := range disputes {
		m.Disputes = append(m.Disputes, disputeRow{one, one.mark()})
	}
	steps, err := stepsOf(ctx, tx, v, m.Attempt.ID)
	m.Steps = happeningsOf(r.Here(), steps)
	return m, err
}

// step is one thing that happened to an attempt.
type step struct {
	At     time.Time
	Status Status
	Text   string
}

func happeningsOf(here *web.Here, steps []step) []happening {
	var list []happening
	for _, s := range steps {
		m := Attempt{Status: s.Status}.mark()
		if m.Icon == "" {
			m.Icon = map[string]string{"ok": "circle-check", "late": "circle-alert"}[m.Kind]
		}
		list = append(list, happening{Kind: m.Kind, Icon: m.Icon, Text: s.Text, At: here.Local(s.At).Format("Jan 2, 2006, 15:04:05")})
	}
	return list
}
