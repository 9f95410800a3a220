package web

import "portico/platform/money"

// Money writes an amount as its reader does: in its own currency, in the reader's format.
func (h *Here) Money(a money.Amount) string { return a.Format(h.Locale()) }

// Locale is how the reader writes numbers.
func (h *Here) Locale() string {
	if h.Viewer.Locale != "" {
		return h.Viewer.Locale
	}
	return h.Viewer.Firm.Locale
}
