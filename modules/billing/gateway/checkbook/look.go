package checkbook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
)

// refOf is what we find an invoice by: the attempt and the invoice of ours, at the end of the description.
func refOf(o gateway.Order) string { return "ref " + short(o.Key) + "." + short(o.Invoice) }

func short(id uuid.UUID) string { return base64.RawURLEncoding.EncodeToString(id[:]) }

var refs = regexp.MustCompile(`\(ref ([\w-]{22})\.([\w-]{22})\)$`)

func readRef(description string) (key, invoice uuid.UUID, ours bool) {
	found := refs.FindStringSubmatch(description)
	if found == nil {
		return key, invoice, false
	}
	a, wrong := base64.RawURLEncoding.DecodeString(found[1])
	b, wrong2 := base64.RawURLEncoding.DecodeString(found[2])
	if wrong != nil || wrong2 != nil {
		return key, invoice, false
	}
	return uuid.UUID(a), uuid.UUID(b), true
}

// dollars and cents: Checkbook counts in dollars with a point.
func dollars(minor int64) json.Number {
	return json.Number(fmt.Sprintf("%d.%02d", minor/100, minor%100))
}

func cents(amount json.Number) (int64, error) {
	whole, part, _ := strings.Cut(amount.String(), ".")
	if len(part) > 2 {
		part = strings.TrimRight(part, "0")
	}
	part += strings.Repeat("0", max(0, 2-len(part)))
	if n, err := strconv.ParseInt(whole+part, 10, 64); err == nil && len(part) == 2 {
		return n, nil
	}
	return 0, fmt.Errorf("checkbook: %q is no amount in dollars", amount)
}

func madeAt(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		return time.Time{}
	}
	return at
}

const (
	perPage   = 50
	mostPages = 100
)

// pages goes through invoices, page by page, until fn has enough. Whether the list ended by itself is what it answers.
func (g *Gateway) pages(ctx context.Context, filter url.Values, fn func(invoice) (enough bool, err error)) error {
	filter.Set("per_page", strconv.Itoa(perPage))
	for n := 1; n <= mostPages; n++ {
		filter.Set("page", strconv.Itoa(n))
		var page struct{ Invoices []invoice }
		if err := g.call(ctx, http.MethodGet, "/invoice?"+filter.Encode(), "", nil, &page); err != nil {
			return err
		}
		for _, is := range page.Invoices {
			if enough, err := fn(is); enough || err != nil {
				return err
			}
		}
		if len(page.Invoices) < perPage {
			return nil
		}
	}
	return fmt.Errorf("checkbook: more than %d invoices to look through", mostPages*perPage)
}

// FindByKey looks an invoice up by the key it was made with: by search, then in the list of the days in which the key can
// have been used, to its end. Only then is it certain that there is none.
func (g *Gateway) FindByKey(ctx context.Context, key uuid.UUID) (c gateway.Charge, err error) {
	fits := func(is invoice) (bool, error) {
		of, _, ours := readRef(is.Description)
		if !ours || of != key {
			return false, nil
		}
		c, err = g.charge(is)
		return true, err
	}
	if err := g.pages(ctx, url.Values{"q": {short(key)}}, fits); err != nil || c.ID != "" {
		return c, err
	}
	filter := url.Values{}
	if key.Version() == 7 {
		seconds, _ := key.Time().UnixTime()
		made := time.Unix(seconds, 0).UTC()
		filter.Set("start_date", made.AddDate(0, 0, -1).Format(time.DateOnly))
		filter.Set("end_date", made.AddDate(0, 0, 4).Format(time.DateOnly))
	}
	if err := g.pages(ctx, filter, fits); err != nil || c.ID != "" {
		return c, err
	}
	return c, gateway.ErrUnknown
}

// List gives the charges that were made since then. Checkbook does not say when one has changed: who waits for one looks
// it up. Its times name no zone, so a day more is looked at.
func (g *Gateway) List(ctx context.Context, since time.Time) (list []gateway.Charge, err error) {
	from := since.UTC().AddDate(0, 0, -1)
	err = g.pages(ctx, url.Values{"start_date": {from.Format(time.DateOnly)}}, func(is invoice) (bool, error) {
		c, err := g.charge(is)
		if err == nil && !c.Made.Before(from) {
			list = append(list, c)
		}
		return false, err
	})
	return list, err
}

// Verify reads what Checkbook reports: signed with the account's webhooks key over the body and a number used once. There
// is no time in it, so an old report can be sent again; it says nothing but that we should look.
func (g *Gateway) Verify(header http.Header, body []byte, _ time.Time) (gateway.Event, error) {
	var nonce, signature string
	for part := range strings.SplitSeq(header.Get("Signature"), ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "nonce":
			nonce = value
		case "signature":
			signature = value
		}
	}
	sum, err := hex.DecodeString(signature)
	if err != nil || nonce == "" || signature == "" {
		return gateway.Event{}, &gateway.Error{Code: "signature", Text: "The report is not signed."}
	}
	for _, secret := range g.Secrets {
		h := hmac.New(sha256.New, []byte(secret))
		h.Write(body)
		h.Write([]byte(nonce))
		if secret != "" && hmac.Equal(sum, h.Sum(nil)) {
			return readReport(body, signature)
		}
	}
	return gateway.Event{}, &gateway.Error{Code: "signature", Text: "The report is signed by somebody else."}
}

// readReport: a report has no id of its own; its signature is another one each time.
func readReport(body []byte, signature string) (gateway.Event, error) {
	var said struct{ ID, Status, Type string }
	if err := json.Unmarshal(body, &said); err != nil {
		return gateway.Event{}, &gateway.Error{Code: "request", Text: "The report cannot be read."}
	}
	e := gateway.Event{ID: signature, Type: said.Type + " " + said.Status}
	if said.Type == "INVOICE" && said.ID != "" {
		e.Object, e.Ref = gateway.AboutCharge, said.ID
	}
	return e, nil
}
