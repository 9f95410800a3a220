package schedule

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/secret"
	"portico/platform/sight"
	"portico/platform/web"
)

// Feed is a contact's way to have the schedule in a calendar program.
type Feed struct {
	ID, ClientID, ContactID uuid.UUID
	CreatedAt, RevokedAt    time.Time
}

// feedToken is the secret part of a feed's address. It follows from the installation's key: the database holds its hash
// alone, and the contact can look at the address again.
func feedToken(key secret.Key, firm, feed uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(key.MAC("schedule feed", firm[:], feed[:]))
}

const calendarMedia = "text/calendar; charset=utf-8"

// Calendar programs ask every few minutes at most; many of one household may share an address.
const (
	feedTries = 300
	feedSpan  = 10 * time.Minute
)

func publicRoutes(d desk) []web.Route {
	return []web.Route{web.Get("/feed/:token", access.Public, d.feed).Tries("schedule-feed", feedTries, feedSpan)}
}

// feed answers what its contact may see at this moment: who was shut out gets nothing, and a revoked address never was.
func (d desk) feed(r *web.Request) error {
	r.SetHeader("Referrer-Policy", "no-referrer")
	r.SetHeader("X-Robots-Tag", "noindex, nofollow")
	r.SetHeader("Cache-Control", "private, no-store")
	token := strings.TrimSuffix(r.Param("token"), ".ics")
	all := auth.System(r.Firm().ID)
	f, err := feedByHash(r.Context(), r.Tx(), all, secret.Hash(token))
	if err != nil {
		return err
	}
	if retry, ok := r.Allowed("feed:"+f.ID.String(), web.Limit{Name: "schedule-feed-of", Tries: 120, Per: feedSpan}); !ok {
		return fault.TooMany("This calendar is asked too often.", retry)
	}
	if r.Firm().Suspended {
		return fault.NotFound()
	}
	v, _, err := sight.OfContact(r.Context(), r.Tx(), r.Firm(), f.ClientID, f.ContactID)
	if err != nil {
		return err
	}
	if !v.May(see) {
		return fault.NotFound()
	}
	list, err := seenAll(r.Context(), r.Tx(), v)
	if err != nil {
		return err
	}
	origin := r.Origin()
	body := almanac(r.Firm().Name, "The schedule of "+v.ClientName, list, func(s Shown) string {
		return origin + "/portal/" + s.ProjectKey + "/schedule/items/" + s.ID.String()
	})
	r.SetHeader("Content-Type", calendarMedia)
	return r.Bytes(body)
}

type feedView struct {
	*web.Here
	Tabs    []web.NavItem
	Address string // "": there is none yet
	Since   time.Time
}

// calendar is the page on which a contact gets the address, and takes it back.
func (p portal) calendar(r *web.Request) error {
	r.Title("Your calendar")
	view := feedView{Here: r.Here(), Tabs: p.tabs(r, "calendar")}
	f, err := feedOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil && !fault.Is(err, fault.Missing) {
		return err
	}
	if err == nil && r.Viewer().ViewAs == uuid.Nil { // staff who look with these eyes must not carry the address away
		view.Address = r.Origin() + "/schedule/feed/" + feedToken(p.Key, r.Firm().ID, f.ID) + ".ics"
	}
	view.Since = f.CreatedAt
	return r.Show("schedule/calendar_feed", view)
}

// newFeed makes an address; the one before it ends.
func (p portal) newFeed(r *web.Request) error {
	v := r.Viewer()
	had, err := endFeed(r.Context(), r.Tx(), v)
	if err != nil {
		return err
	}
	feed := id.New()
	if err := addFeed(r.Context(), r.Tx(), v, feed, secret.Hash(feedToken(p.Key, v.FirmID(), feed))); err != nil {
		return err
	}
	text := "made a calendar address"
	if had {
		text = "made a new calendar address; the old one ended"
	}
	err = activity.Record(r.Context(), r.Tx(), v, activity.Entry{Verb: "schedule.feed_made", Text: text, ClientID: v.ClientID, SubjectID: v.ContactID})
	if err != nil {
		return err
	}
	r.Toast("Here is your address. Keep it to yourself.")
	return r.Go(r.Path(section, "calendar"))
}

// dropFeed ends the address.
func (p portal) dropFeed(r *web.Request) error {
	v := r.Viewer()
	had, err := endFeed(r.Context(), r.Tx(), v)
	if err != nil {
		return err
	}
	if had {
		err = activity.Record(r.Context(), r.Tx(), v, activity.Entry{Verb: "schedule.feed_ended", Text: "ended the calendar address", ClientID: v.ClientID, SubjectID: v.ContactID})
		if err != nil {
			return err
		}
	}
	r.Toast("The address does not work any more.")
	return r.Go(r.Path(section, "calendar"))
}

// event is one item as a file for any calendar.
func (p portal) event(r *web.Request) error {
	s, err := p.seen(r)
	if err != nil {
		return err
	}
	body := almanac(r.Firm().Name, "", []Shown{s}, func(s Shown) string {
		return r.Origin() + "/portal/" + s.ProjectKey + "/schedule/items/" + s.ID.String()
	})
	return r.Download(fileName(s.StartOn), calendarMedia, body)
}
