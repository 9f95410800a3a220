package schedule

import (
	"strings"

	ics "github.com/arran4/golang-ical"

	"portico/platform/day"
)

// almanac writes items as calendar programs read them (RFC 5545): whole days, of which the end is the day after the
// last one, and a UID that stays, so that an item that moved is the same one.
func almanac(name, about string, list []Shown, address func(Shown) string) []byte {
	c := ics.NewCalendarFor("Portico")
	c.SetMethod(ics.MethodPublish)
	c.SetName(name)
	c.SetXWRCalName(name)
	if about != "" {
		c.SetXWRCalDesc(about)
	}
	c.SetRefreshInterval("PT2H", ics.WithValue("DURATION"))
	c.SetXPublishedTTL("PT2H")
	for _, s := range list {
		e := c.AddEvent(s.ID.String() + "@schedule.portico")
		e.SetDtStampTime(s.PublishedAt)
		e.SetModifiedAt(s.PublishedAt)
		e.SetSequence(s.Sequence)
		e.SetAllDayStartAt(s.StartOn.Midnight())
		e.SetAllDayEndAt(s.EndOn.Add(1).Midnight())
		e.SetSummary(s.Title)
		e.SetDescription(description(s))
		e.AddProperty(ics.ComponentPropertyCategories, string(s.Kind))
		if url := address(s); url != "" {
			e.SetURL(url)
		}
		e.SetTimeTransparency(ics.TransparencyTransparent)
	}
	if len(list) == 0 { // a calendar has at least one component
		zone := c.AddTimezone("UTC").AddStandard()
		zone.AddProperty("DTSTART", "19700101T000000")
		zone.AddProperty("TZOFFSETFROM", "+0000")
		zone.AddProperty("TZOFFSETTO", "+0000")
	}
	return []byte(c.Serialize(ics.WithNewLineWindows))
}

func description(s Shown) string {
	lines := []string{s.ProjectName}
	if s.ClientText != "" {
		lines = append(lines, s.ClientText)
	}
	if s.Assignee != "" {
		lines = append(lines, "With "+s.Assignee)
	}
	return strings.Join(lines, "\n")
}

// fileName is a plain name for what is downloaded.
func fileName(on day.Day) string { return "schedule-" + on.String() + ".ics" }
