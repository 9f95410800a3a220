package stopwatch

import (
	"testing"
	"time"
)

func TestASlowMachineMayTakeLonger(t *testing.T) {
	if !Allows(t, time.Second, time.Second) {
		t.Error("what is within the figure is refused")
	}
	if Allows(t, time.Millisecond, time.Hour) {
		t.Error("an hour passes for a millisecond")
	}
	if slow := Slow(); slow < 1 {
		t.Errorf("%f times slower", slow)
	}
}

func TestWhatIsQuickAtFirstIsDoneOnce(t *testing.T) {
	n := 0
	Quick(t, "nothing", time.Minute, func() { n++ })
	if n != 1 {
		t.Errorf("done %d times", n)
	}
}

func BenchmarkYardstick(b *testing.B) {
	for b.Loop() {
		yardstick()
	}
}
