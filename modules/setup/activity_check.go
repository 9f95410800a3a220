package setup

import (
	"time"

	"portico/platform/activity"
	"portico/platform/web"
)

type checkView struct {
	*web.Here
	activity.State
	At     time.Time
	Count  int
	Today  bool
	Action string
}

// Broken reports whether the last check has found anything.
func (c checkView) Broken() bool { return len(c.Troubles) > 0 }

// checkView is what the last check of the log has found.
func (o office) checkView(r *web.Request) (*checkView, error) {
	state, err := activity.StateOf(r.Context(), r.Tx(), r.Firm().ID)
	here := r.Here()
	at := here.Local(state.CheckedAt)
	return &checkView{
		Here: here, State: state, At: at, Count: int(state.Checked), Today: at.Format(time.DateOnly) == here.Now.Format(time.DateOnly),
		Action: r.Path("setup", "activity", "checks"),
	}, err
}

// checkLog has the log checked now, by a worker: a long one takes a while.
func (o office) checkLog(r *web.Request) error {
	if _, err := activity.VerifyNow.Enqueue(r.Context(), r.Tx(), r.Firm().ID, struct{}{}); err != nil {
		return err
	}
	r.Toast("The log is being checked. What is found stands here in a moment.")
	return r.Go(r.Path("setup", "activity"))
}

// logCard alarms owners when the last check has found something.
func (o office) logCard(r *web.Request) (web.Part, bool, error) {
	check, err := o.checkView(r)
	if err != nil || !check.Broken() {
		return web.Part{}, false, err
	}
	return web.Draw("setup/_log_card", check), true, nil
}
