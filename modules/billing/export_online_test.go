package billing

// At has Stripe and Checkbook answered by doubles until undo.
func At(stripe, checkbook string) (undo func()) {
	stripeAt, checkbookAt = stripe, checkbook
	return func() { stripeAt, checkbookAt = "", "" }
}
