package schedule

import "portico/platform/lang"

// Short are the days of a span in few characters.
func (s Span) Short() lang.Message {
	const short = "Jan 2"
	if s.Start == s.End {
		return lang.M("%s", lang.Date{At: s.Start, Layout: short})
	}
	return lang.M("%s – %s", lang.Date{At: s.Start, Layout: short}, lang.Date{At: s.End, Layout: short})
}

// Words are the days of a span: "Mon, Dec 7" or "Mon, Dec 7 to Fri, Dec 11, 2026".
func (s Span) Words() lang.Message {
	if s.Start.IsZero() {
		return lang.Message{}
	}
	const whole, short = "Mon, Jan 2, 2006", "Mon, Jan 2"
	from, to := lang.Date{At: s.Start, Layout: whole}, lang.Date{At: s.End, Layout: whole}
	switch {
	case s.Start == s.End:
		return lang.M("%s", from)
	case s.Start.Year() == s.End.Year():
		from.Layout = short
	}
	return lang.M("%s to %s", from, to)
}
