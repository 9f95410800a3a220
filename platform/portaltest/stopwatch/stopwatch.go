// Package stopwatch lets tests hold figures that are times on machines that are slow, or busy with other tests: what a test
// allows grows with how long fixed work takes in the same moments. Benchmarks hold the figures themselves.
package stopwatch

import (
	"crypto/sha256"
	"testing"
	"time"
)

const (
	// usual is what the yardstick takes on the machine that the figures were written for, when it does nothing else.
	usual = 2 * time.Millisecond
	// room is what tests allow beyond that: they tell what grows without bounds from what does not.
	room = 3
	// tries are how often what has a figure is done until one is good enough.
	tries = 3
)

// yardstick is fixed work of the processor.
func yardstick() time.Duration {
	block := make([]byte, 64<<10)
	begun := time.Now()
	for range 50 {
		sum := sha256.Sum256(block)
		copy(block, sum[:])
	}
	return time.Since(begun)
}

// Slow is how many times longer work takes here and now than where the figures were written; never less than one.
func Slow() float64 {
	var all time.Duration
	const times = 30 // longer than others keep a processor
	for range times {
		all += yardstick()
	}
	return max(1, float64(all)/float64(times*usual))
}

// Allows says whether something may have taken so long: in a benchmark what the figure says, in a test what the figure
// is on a machine as slow as this one is now, and some more.
func Allows(t testing.TB, figure, took time.Duration) bool {
	t.Helper()
	if took <= figure {
		return true
	}
	if _, ok := t.(*testing.B); ok {
		return false
	}
	slow := Slow()
	t.Logf("it took %s, not %s; this machine is %.1f times slower than usual", took, figure, slow)
	return took <= time.Duration(room*slow*float64(figure))
}

// Holds demands that something took no longer than Allows says.
func Holds(t testing.TB, what string, figure, took time.Duration) {
	t.Helper()
	if !Allows(t, figure, took) {
		t.Errorf("%s took %s, more than %s and what a slow machine may add", what, took, figure)
	}
}

// Quick does something until it was within the figure once, and demands what Holds does of its best try. In a benchmark
// it is done as often as benchmarks do things, and all of them count but for the best.
func Quick(t testing.TB, what string, figure time.Duration, do func()) time.Duration {
	t.Helper()
	best := time.Hour
	once := func() {
		begun := time.Now()
		do()
		best = min(best, time.Since(begun))
	}
	if b, ok := t.(*testing.B); ok {
		for b.Loop() {
			once()
		}
	} else {
		for n := 0; n < tries && (n == 0 || best > figure); n++ {
			once()
		}
	}
	Holds(t, what, figure, best)
	return best
}

// Each is a part of a test, or of a benchmark.
func Each(t testing.TB, name string, part func(testing.TB)) {
	t.Helper()
	switch t := t.(type) {
	case *testing.T:
		t.Run(name, func(t *testing.T) { part(t) })
	case *testing.B:
		t.Run(name, func(b *testing.B) { part(b) })
	default:
		part(t)
	}
}
