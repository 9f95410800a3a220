package stripe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	api "github.com/stripe/stripe-go/v86"

	"portico/modules/billing/gateway"
)

// Looking by key. Stripe's search is quick, but some minutes behind and not everywhere; sessions and refunds cannot be
// searched at all. So what the search does not find is looked for in the lists of the time in which the key can have been
// used, to their end: only then is it certain that there is nothing.

// mostLooked bounds one look: an account that makes more in a day needs a person, not a guess.
const mostLooked = 5000

// around is when something with this key can have been made: keys carry their time, and are used for a day at most.
func around(key uuid.UUID) *api.RangeQueryParams {
	if key.Version() != 7 {
		return nil
	}
	seconds, _ := key.Time().UnixTime()
	at := time.Unix(seconds, 0)
	return &api.RangeQueryParams{GreaterThanOrEqual: at.Add(-10 * time.Minute).Unix(), LesserThanOrEqual: at.Add(50 * time.Hour).Unix()}
}

// FindByKey looks a charge up by the key it was made with.
func (g *Gateway) FindByKey(ctx context.Context, key uuid.UUID) (gateway.Charge, error) {
	search := &api.PaymentIntentSearchParams{}
	search.Query, search.Limit = fmt.Sprintf("metadata['%s']:'%s'", metaAttempt, key), api.Int64(1)
	for i, err := range g.api.V1PaymentIntents.Search(ctx, search).All(ctx) {
		if err != nil {
			break // not everywhere, and not with every key
		}
		if i.Metadata[metaAttempt] == key.String() {
			return g.Find(ctx, i.ID)
		}
	}
	sessions := &api.CheckoutSessionListParams{CreatedRange: around(key)}
	sessions.Limit = api.Int64(100)
	id, err := first(ctx, g.api.V1CheckoutSessions.List(ctx, sessions).All(ctx), func(s *api.CheckoutSession) (string, bool) {
		return s.ID, s.Metadata[metaAttempt] == key.String()
	})
	if err == nil && id == "" {
		intents := &api.PaymentIntentListParams{CreatedRange: around(key)}
		intents.Limit = api.Int64(100)
		id, err = first(ctx, g.api.V1PaymentIntents.List(ctx, intents).All(ctx), func(i *api.PaymentIntent) (string, bool) {
			return i.ID, i.Metadata[metaAttempt] == key.String()
		})
	}
	if err != nil {
		return gateway.Charge{}, err
	}
	if id == "" {
		return gateway.Charge{}, gateway.ErrUnknown
	}
	return g.Find(ctx, id)
}

// first gives the first of a list that fits; "" when the list has ended without one.
func first[T any](ctx context.Context, list api.Seq2[T, error], fits func(T) (string, bool)) (found string, err error) {
	seen := 0
	for v, err := range list {
		if err != nil {
			return "", wrong(err)
		}
		if id, yes := fits(v); yes {
			return id, nil
		}
		if seen++; seen > mostLooked {
			return "", fmt.Errorf("more than %d objects to look through", mostLooked)
		}
	}
	return "", ctx.Err()
}

// changes are the reports that say that a charge was made or has changed.
var changes = []string{
	"payment_intent.created", "payment_intent.succeeded", "payment_intent.processing", "payment_intent.payment_failed", "payment_intent.canceled",
	"payment_intent.requires_action", "checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded",
	"checkout.session.async_payment_failed", "charge.refunded", "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
}

// List gives the charges that were made or changed since then. Stripe lists objects by when they were made, and what
// happened to them since in its log, which goes back 30 days.
func (g *Gateway) List(ctx context.Context, since time.Time) ([]gateway.Charge, error) {
	p := &api.EventListParams{CreatedRange: &api.RangeQueryParams{GreaterThanOrEqual: since.Unix()}, Types: api.StringSlice(changes)}
	p.Limit = api.Int64(100)
	var refs []string
	for e, err := range g.api.V1Events.List(ctx, p).All(ctx) {
		if err != nil {
			return nil, wrong(err)
		}
		if e.Data == nil {
			continue
		}
		about, ref := subject(string(e.Type), e.Data.Object)
		if (about == gateway.AboutCharge || about == gateway.AboutDispute) && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
		if len(refs) > mostLooked {
			return nil, fmt.Errorf("more than %d charges have changed", mostLooked)
		}
	}
	var list []gateway.Charge
	for _, ref := range refs {
		c, err := g.Find(ctx, ref)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(list, func(other gateway.Charge) bool { return other.ID == c.ID }) {
			list = append(list, c)
		}
	}
	return list, nil
}
