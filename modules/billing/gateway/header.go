package gateway

import "net/http"

// Header is what a report comes with. The web hands over no more of it than what one of the providers signs in.
type Header = http.Header

// SignedIn are the headers that the providers sign their reports in.
var SignedIn = []string{"Stripe-Signature", "Sandbox-Signature", "Signature"}
