package billing

// FieldsAt has Stripe's script answered by a stand-in until undo.
func FieldsAt(url string) (undo func()) {
	was := stripeFields
	stripeFields = url
	return func() { stripeFields = was }
}

// At has Stripe and Checkbook answered by doubles until undo.
func At(stripe, checkbook string) (undo func()) {
	stripeAt, checkbookAt = stripe, checkbook
	return func() { stripeAt, checkbookAt = "", "" }
}
