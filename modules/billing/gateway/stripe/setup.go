package stripe

import (
	"context"
	"strings"

	"github.com/google/uuid"
	api "github.com/stripe/stripe-go/v86"

	"portico/modules/billing/gateway"
)

// Save begins a Checkout Session that charges nothing and keeps what is entered, on a customer of Stripe's.
func (g *Gateway) Save(ctx context.Context, o gateway.SaveOrder) (gateway.Setup, error) {
	currency := o.Currency
	if currency == "" {
		currency = "USD"
	}
	means, err := means(o.Kind, currency)
	if err != nil {
		return gateway.Setup{}, err
	}
	customer := o.Customer
	if customer == "" {
		if customer, err = g.customer(ctx, o); err != nil {
			return gateway.Setup{}, wrong(err)
		}
	}
	p := &api.CheckoutSessionCreateParams{
		Mode: api.String("setup"), PaymentMethodTypes: api.StringSlice([]string{means}), Customer: &customer, SuccessURL: &o.Return, CancelURL: &o.Return,
		Metadata:        map[string]string{metaSetup: o.Key.String()},
		SetupIntentData: &api.CheckoutSessionCreateSetupIntentDataParams{Metadata: map[string]string{metaSetup: o.Key.String()}},
	}
	if means == "us_bank_account" {
		p.PaymentMethodOptions = &api.CheckoutSessionCreatePaymentMethodOptionsParams{
			USBankAccount: &api.CheckoutSessionCreatePaymentMethodOptionsUSBankAccountParams{VerificationMethod: api.String("instant")},
		}
	}
	p.SetIdempotencyKey(o.Key.String())
	s, err := g.api.V1CheckoutSessions.Create(ctx, p)
	if err != nil {
		return gateway.Setup{}, wrong(err)
	}
	return g.FindSetup(ctx, s.ID)
}

// customer is the contact's name at Stripe, once for each key.
func (g *Gateway) customer(ctx context.Context, o gateway.SaveOrder) (string, error) {
	p := &api.CustomerCreateParams{Name: text(o.Name), Email: text(o.Email)}
	p.SetIdempotencyKey(o.Key.String() + "-customer")
	c, err := g.api.V1Customers.Create(ctx, p)
	if err != nil {
		return "", err
	}
	return c.ID, nil
}

// FindSetup answers what became of it.
func (g *Gateway) FindSetup(ctx context.Context, id string) (gateway.Setup, error) {
	p := &api.CheckoutSessionRetrieveParams{}
	p.AddExpand("setup_intent.payment_method")
	s, err := g.api.V1CheckoutSessions.Retrieve(ctx, id, p)
	if err != nil {
		return gateway.Setup{}, wrong(err)
	}
	if s.Mode != api.CheckoutSessionModeSetup {
		return gateway.Setup{}, gateway.ErrUnknown
	}
	is := gateway.Setup{ID: s.ID, Status: gateway.NeedsAction, URL: s.URL}
	is.Key, _ = uuid.Parse(s.Metadata[metaSetup])
	switch s.Status {
	case api.CheckoutSessionStatusExpired:
		is.Status, is.URL, is.Failure = gateway.Canceled, "", gateway.Failure{Code: "canceled", Text: "Nothing was saved in time."}
	case api.CheckoutSessionStatusComplete:
		is.URL = ""
		complete(&is, s)
	}
	return is, nil
}

func complete(is *gateway.Setup, s *api.CheckoutSession) {
	i := s.SetupIntent
	switch {
	case i != nil && i.Status == api.SetupIntentStatusSucceeded && i.PaymentMethod != nil:
		is.Status, is.Method = gateway.Succeeded, methodOf(i.PaymentMethod)
		if is.Method.Customer == "" && s.Customer != nil {
			is.Method.Customer = s.Customer.ID
		}
	case i != nil && (i.Status == api.SetupIntentStatusProcessing || i.Status == api.SetupIntentStatusRequiresAction):
		is.Status = gateway.Pending
	default:
		is.Status, is.Failure = gateway.Failed, gateway.Failure{Code: "other", Text: "It could not be saved."}
		if i != nil && i.LastSetupError != nil {
			is.Failure = failureOf(i.LastSetupError)
		}
	}
}

// Refund gives money back, once per key.
func (g *Gateway) Refund(ctx context.Context, o gateway.RefundOrder) (gateway.Refund, error) {
	intent, currency, err := g.intentOf(ctx, o.Charge)
	if err != nil {
		return gateway.Refund{}, wrong(err)
	}
	amount, err := toStripe(o.Amount, currency)
	if err != nil {
		return gateway.Refund{}, err
	}
	p := &api.RefundCreateParams{
		PaymentIntent: &intent, Amount: &amount,
		Metadata: map[string]string{metaRefund: o.Key.String(), metaCharge: o.Charge, metaReason: cut(o.Reason, 400)},
	}
	p.SetIdempotencyKey(o.Key.String())
	r, err := g.api.V1Refunds.Create(ctx, p)
	if unsure(err) {
		if found, looked := g.FindRefund(ctx, "", o.Key); looked == nil && found.Amount == o.Amount {
			return found, nil
		}
	}
	if err != nil {
		return gateway.Refund{}, wrong(err)
	}
	is, err := g.FindRefund(ctx, r.ID, o.Key)
	return is, gateway.Unsure(err)
}

func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// intentOf is the intent behind a charge.
func (g *Gateway) intentOf(ctx context.Context, charge string) (intent, currency string, err error) {
	if !strings.HasPrefix(charge, "cs_") {
		i, err := g.api.V1PaymentIntents.Retrieve(ctx, charge, &api.PaymentIntentRetrieveParams{})
		if err != nil {
			return "", "", err
		}
		return i.ID, string(i.Currency), nil
	}
	s, err := g.api.V1CheckoutSessions.Retrieve(ctx, charge, &api.CheckoutSessionRetrieveParams{})
	if err != nil {
		return "", "", err
	}
	if s.PaymentIntent == nil {
		return "", "", &gateway.Error{Code: "request", Text: "This payment has not arrived, so nothing can be given back."}
	}
	return s.PaymentIntent.ID, string(s.Currency), nil
}

// FindRefund looks a refund up by its id, or by its key when the id is empty.
func (g *Gateway) FindRefund(ctx context.Context, id string, key uuid.UUID) (gateway.Refund, error) {
	if id == "" {
		p := &api.RefundListParams{CreatedRange: around(key)}
		p.Limit = api.Int64(100)
		found, err := first(ctx, g.api.V1Refunds.List(ctx, p).All(ctx), func(r *api.Refund) (string, bool) {
			return r.ID, r.Metadata[metaRefund] == key.String()
		})
		if err == nil && found == "" {
			err = gateway.ErrUnknown
		}
		if err != nil {
			return gateway.Refund{}, err
		}
		id = found
	}
	r, err := g.api.V1Refunds.Retrieve(ctx, id, &api.RefundRetrieveParams{})
	if err != nil {
		return gateway.Refund{}, wrong(err)
	}
	return ofRefund(r), nil
}

func ofRefund(r *api.Refund) gateway.Refund {
	of := gateway.Refund{ID: r.ID, Charge: r.Metadata[metaCharge], Amount: fromStripe(r.Amount, r.Currency), Status: gateway.Pending}
	of.Key, _ = uuid.Parse(r.Metadata[metaRefund])
	if of.Charge == "" && r.PaymentIntent != nil { // it was made in Stripe's dashboard
		of.Charge = r.PaymentIntent.ID
	}
	switch r.Status {
	case api.RefundStatusSucceeded:
		of.Status = gateway.Succeeded
	case api.RefundStatusFailed, api.RefundStatusCanceled:
		of.Status, of.Failure = gateway.Failed, gateway.Failure{Code: "other", Text: "The bank did not take the refund."}
	}
	return of
}
