package seal_test

import (
	"bytes"
	"testing"
	"time"

	"portico/platform/portaltest/stopwatch"
)

// TestAFileOfBlanksIsReadAsFastAsAnyOther: what strangers bring costs a glance, whatever is in it.
func TestAFileOfBlanksIsReadAsFastAsAnyOther(t *testing.T) {
	s := signer(t)
	for name, pdf := range map[string][]byte{
		"blanks": append([]byte("/ByteRange"), bytes.Repeat([]byte(" "), 24<<20)...),
		"marks":  bytes.Repeat([]byte("/ByteRange \n\t"), 2<<20),
	} {
		begun := time.Now()
		if r := s.Verify(pdf); r.Signatures != 0 || r.OK() {
			t.Errorf("%s: %+v", name, r)
		}
		stopwatch.Holds(t, name, 2*time.Second, time.Since(begun)) // some hundredths of a second, alone
	}
	if r := s.Verify([]byte("%PDF-1.7 /ByteRange\r\n[0 1 2 3] /ByteRange[1]")); r.Signatures != 2 {
		t.Errorf("%+v", r)
	}
}
