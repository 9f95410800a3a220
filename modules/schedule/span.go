package schedule

// Short are the days of a span in few characters.
func (s Span) Short() string {
	if s.Start == s.End {
		return s.Start.Midnight().Format("Jan 2")
	}
	return s.Start.Midnight().Format("Jan 2") + " – " + s.End.Midnight().Format("Jan 2")
}

// Words are the days of a span: "Mon, Dec 7" or "Mon, Dec 7 to Fri, Dec 11, 2026".
func (s Span) Words() string {
	if s.Start.IsZero() {
		return ""
	}
	const whole, short = "Mon, Jan 2, 2006", "Mon, Jan 2"
	switch {
	case s.Start == s.End:
		return s.Start.Midnight().Format(whole)
	case s.Start.Year() == s.End.Year():
		return s.Start.Midnight().Format(short) + " to " + s.End.Midnight().Format(whole)
	}
	return s.Start.Midnight().Format(whole) + " to " + s.End.Midnight().Format(whole)
}
