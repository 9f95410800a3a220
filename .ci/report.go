//go:build ignore

// Report runs `go test -json` with its arguments, shows what failed in full and what was skipped and why, and ends with
// one line that counts all tests of all packages.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// event is one line of `go test -json`.
type event struct {
	Action, Package, Test, Output, ImportPath, FailedBuild string
	Elapsed                                                float64
}

type test struct{ pkg, name string }

// report is what has been heard so far.
type report struct {
	said                    map[test]*strings.Builder
	passed, failed, skipped int
	failedIn                map[string]int
	ranIn                   map[string]int
	failures, skips         []string
	took                    []spent
}

// spent is how long a test took by the wall, with what ran beside it.
type spent struct {
	test
	seconds float64
}

const longestShown = 15

func main() {
	ok, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if !ok || err != nil {
		os.Exit(1)
	}
}

func run(args []string) (bool, error) {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := cmd.Start(); err != nil {
		return false, err
	}
	r := &report{said: map[test]*strings.Builder{}, failedIn: map[string]int{}, ranIn: map[string]int{}}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil {
				fmt.Print(line) // go itself speaks, not a test
			} else {
				r.hear(e)
			}
		}
		if err != nil {
			break
		}
	}
	runErr := cmd.Wait()
	if runErr != nil && r.failed == 0 {
		r.failed++ // go could not even begin
		r.failures = append(r.failures, "go test: "+runErr.Error())
	}
	r.conclude()
	return r.failed == 0 && runErr == nil, nil
}

func (r *report) hear(e event) {
	t := test{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Print(e.Output)
	case "output":
		if r.said[t] == nil {
			r.said[t] = &strings.Builder{}
		}
		r.said[t].WriteString(e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.hearPackage(e)
		} else {
			r.hearTest(e, t)
		}
		delete(r.said, t)
	}
}

func (r *report) hearTest(e event, t test) {
	r.ranIn[e.Package]++
	if !strings.Contains(e.Test, "/") {
		r.took = append(r.took, spent{t, e.Elapsed})
	}
	switch e.Action {
	case "pass":
		r.passed++
	case "skip":
		r.skipped++
		r.skips = append(r.skips, fmt.Sprintf("%s %s: %s", e.Package, e.Test, reason(r.text(t))))
	case "fail":
		r.failed++
		r.failedIn[e.Package]++
		r.failures = append(r.failures, e.Package+" "+e.Test)
		fmt.Printf("\n%s\n%s\n", e.Package, r.text(t))
	}
}

// hearPackage counts a package as one failure when it failed without a failed test: it did not build, or it panicked
// or ran out of time, and then its unfinished tests have not been heard.
func (r *report) hearPackage(e event) {
	switch {
	case e.Action == "fail":
		if r.failedIn[e.Package] == 0 {
			r.failed++
			r.failures = append(r.failures, e.Package)
		}
		for t, text := range r.said {
			if t.pkg == e.Package {
				fmt.Print(text.String())
				delete(r.said, t)
			}
		}
		fmt.Printf("FAIL  %s  %.1fs\n", e.Package, e.Elapsed)
	case r.ranIn[e.Package] > 0:
		fmt.Printf("ok    %s  %.1fs  %d tests\n", e.Package, e.Elapsed, r.ranIn[e.Package])
	}
}

func (r *report) text(t test) string {
	if said := r.said[t]; said != nil {
		return said.String()
	}
	return ""
}

// reason is what t.Skip said: the output without what go adds around it.
func reason(text string) string {
	var said []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}

func (r *report) conclude() {
	slices.SortFunc(r.took, func(a, b spent) int { return cmp.Compare(b.seconds, a.seconds) })
	fmt.Println("\nThe longest:")
	for _, one := range r.took[:min(longestShown, len(r.took))] {
		fmt.Printf("   %6.1fs  %s %s\n", one.seconds, one.pkg, one.name)
	}
	if len(r.skips) > 0 {
		fmt.Println("\n!! SKIPPED, so nobody knows whether these work:")
		for _, skip := range r.skips {
			fmt.Println("   " + skip)
		}
	}
	if len(r.failures) > 0 {
		fmt.Println("\n!! FAILED:")
		for _, failure := range r.failures {
			fmt.Println("   " + failure)
		}
	}
	fmt.Printf("\n%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.skipped)
}
