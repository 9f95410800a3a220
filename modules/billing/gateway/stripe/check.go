package stripe

import (
	"context"
	"errors"
	"strings"

	api "github.com/stripe/stripe-go/v86"

	"portico/modules/billing/gateway"
)

// Found is what a key opens.
type Found struct{ Live bool }

// IsLive says whether a key moves real money, by its name; ok is false for what is no secret key of Stripe's.
func IsLive(key string) (live, ok bool) {
	for _, kind := range []string{"sk_", "rk_"} {
		if rest, found := strings.CutPrefix(key, kind); found {
			live = strings.HasPrefix(rest, "live_")
			return live, live || strings.HasPrefix(rest, "test_")
		}
	}
	return false, false
}

// Check asks Stripe whether a key does what is needed, and says in words what is wrong with it. Nothing is made there: what
// has to be written is asked for with nothing in it, which a key without the permission is refused before it is looked at.
func Check(ctx context.Context, o Options) (f Found, err error) {
	switch live, ok := IsLive(o.Key); {
	case strings.HasPrefix(o.Key, "pk_"):
		return f, &gateway.Error{Code: "publishable", Text: "This is the publishable key. Use the secret key, or a restricted one: it begins with sk_ or rk_."}
	case !ok:
		return f, &gateway.Error{Code: "shape", Text: "A key of Stripe's begins with sk_live_, sk_test_, rk_live_ or rk_test_."}
	default:
		f.Live = live
	}
	g := New(o)
	var missing []string
	for _, p := range g.permissions() {
		err := wrong(p.ask(ctx))
		said, definite := gateway.Definite(err)
		switch {
		case definite && said.Text == unknownKey:
			return f, said
		case definite && said.Code == "credentials":
			missing = append(missing, p.name)
		case err != nil && !definite && !errors.Is(err, gateway.ErrUnknown):
			return f, err
		}
	}
	if len(missing) > 0 {
		return f, &gateway.Error{Code: "permission", Text: "This key lacks permissions. Give it: " + strings.Join(missing, ", ") + "."}
	}
	return f, nil
}

const unknownKey = "Stripe does not know this key."

type permission struct {
	name string
	ask  func(context.Context) error
}

func (g *Gateway) permissions() []permission {
	one := func(p *api.ListParams) { p.Limit, p.Single = api.Int64(1), true }
	return []permission{
		{"Checkout Sessions (write)", func(ctx context.Context) error {
			_, err := g.api.V1CheckoutSessions.Create(ctx, &api.CheckoutSessionCreateParams{})
			return err
		}},
		{"PaymentIntents (write)", func(ctx context.Context) error {
			_, err := g.api.V1PaymentIntents.Create(ctx, &api.PaymentIntentCreateParams{})
			return err
		}},
		{"Refunds (write)", func(ctx context.Context) error {
			_, err := g.api.V1Refunds.Create(ctx, &api.RefundCreateParams{})
			return err
		}},
		{"Customers (write)", func(ctx context.Context) error {
			_, err := g.api.V1Customers.Update(ctx, "cus_none", &api.CustomerUpdateParams{})
			return err
		}},
		{"PaymentMethods (write)", func(ctx context.Context) error {
			_, err := g.api.V1PaymentMethods.Detach(ctx, "pm_none", &api.PaymentMethodDetachParams{})
			return err
		}},
		{"Disputes (read)", func(ctx context.Context) error {
			p := &api.DisputeListParams{}
			one(&p.ListParams)
			return g.api.V1Disputes.List(ctx, p).Err()
		}},
		{"Events (read)", func(ctx context.Context) error {
			p := &api.EventListParams{}
			one(&p.ListParams)
			return g.api.V1Events.List(ctx, p).Err()
		}},
	}
}
