package dailylogs

import (
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// hoursText writes minutes as hours: 450 is "7.5"; nothing for none.
func hoursText(minutes int) string {
	if minutes == 0 {
		return ""
	}
	text := strconv.Itoa(minutes / 60)
	if rest := minutes % 60; rest > 0 {
		text += "." + strings.TrimRight(strconv.Itoa(100 + rest*100/60)[1:], "0")
	}
	return text
}

// minutesOf reads hours as people type them: "7.5", "7,5", "7:30", "7".
func minutesOf(text string) (minutes int, ok bool) {
	text = strings.TrimSuffix(strings.TrimSuffix(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), ",", "."), "h"), " ")
	if text == "" {
		return 0, true
	}
	whole, rest, clock := strings.Cut(text, ":")
	part := 0
	if clock {
		n, err := strconv.Atoi(rest)
		if err != nil || len(rest) != 2 || n < 0 || n > 59 {
			return 0, false
		}
		part = n
	} else if before, after, dot := strings.Cut(text, "."); dot {
		if len(after) == 0 || len(after) > 2 {
			return 0, false
		}
		n, err := strconv.Atoi((after + "0")[:2])
		if err != nil {
			return 0, false
		}
		whole, part = before, (n*60+50)/100
	}
	hours, err := strconv.Atoi(whole)
	if err != nil || hours < 0 || hours*60+part > 6000 {
		return 0, false
	}
	return hours*60 + part, true
}
