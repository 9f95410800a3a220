package billing

import "portico/platform/lang"

// reads is how a state of an attempt reads: to whoever pays, with a sentence where there is something to say, and to staff.
type reads struct {
	payer mark
	text  lang.Text
	staff mark
}

var (
	sending  = reads{mark{"info", "Charging", "loader-circle"}, "", mark{"info", "Being sent", "clock"}}
	statuses = map[Status]reads{
		Waiting:    {mark{"info", "Waiting", "clock"}, "It is charged when you have entered how to pay.", sending.staff},
		Created:    sending,
		Submitting: sending,
		Unknown: {
			mark{"info", "Checking", "loader-circle"}, "The answer got lost on its way. We ask again; it is never charged twice.",
			mark{"due", "Not known", "circle-help"},
		},
		NeedsAction: {mark{"due", "One more step", "arrow-right"}, "Your bank or card asks you to confirm it.", mark{"info", "At the provider's page", "clock"}},
		Pending: {
			mark{"info", "Processing", "loader-circle"}, "Bank payments take up to four business days. We tell you when it is there.",
			mark{"info", "On its way", "clock"},
		},
		Succeeded: {mark{"ok", "Paid", ""}, "", mark{"ok", "Paid", ""}},
		Failed:    {mark{"late", "Declined", ""}, "", mark{"late", "Failed", ""}},
		Canceled:  {mark{"muted", "Not paid", "circle-x"}, "It was stopped. Nothing was charged.", mark{"muted", "Given up", "x"}},
		PartBack:  {mark{"muted", "Partly refunded", "undo-2"}, "", mark{"info", "Partly refunded", "undo-2"}},
		Refunded:  {mark{"muted", "Refunded", "undo-2"}, "The money is on its way back to you.", mark{"muted", "Refunded", "undo-2"}},
		Disputed:  {mark{"due", "Disputed", "scale"}, "You or your bank objected to it. We are looking into it.", mark{"late", "Disputed", ""}},
		Returned:  {mark{"late", "Returned", "circle-x"}, "Your bank took it back. The invoice is owed again.", mark{"late", "Taken back by the bank", ""}},
		NeedsReview: {
			mark{"due", "Being checked", "search"}, "Somebody looks at it. Please do not pay again until we have told you more.",
			mark{"late", "Needs a look", ""},
		},
	}
)

// seenAs is how an attempt reads to whoever pays.
func seenAs(a Attempt) (mark, lang.Text) {
	if a.Status == Failed {
		return statuses[Failed].payer, whyDeclined(a)
	}
	return statuses[a.Status].payer, statuses[a.Status].text
}

// mark is how it reads to staff.
func (a Attempt) mark() mark { return statuses[a.Status].staff }

// whyDeclined is the reason in plain words.
func whyDeclined(a Attempt) lang.Text {
	words := map[string]lang.Text{
		"declined":           "Your bank declined it and does not say why. Try another way to pay, or ask your bank.",
		"insufficient_funds": "There is not enough money on it.",
		"expired":            "The card has expired.",
		"authentication":     "It was not confirmed with your bank.",
		"canceled":           "It was stopped. Nothing was charged.",
		"returned":           "Your bank sent it back.",
		"limit":              "It is more than your bank lets you pay that way.",
	}[a.FailureCode]
	switch {
	case words != "":
		return words
	case a.FailureText != "":
		return lang.Text(a.FailureText)
	}
	return "It did not go through. Nothing was charged."
}
