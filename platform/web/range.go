package web

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Range sends a body of known size, or the one piece of it that the browser asks for: films are looked at in pieces,
// and a download that broke off goes on.
func (r *Request) Range(body io.ReadSeekCloser, size int64, headers map[string]string) error {
	r.SetHeader("Accept-Ranges", "bytes")
	from, to, ok := pieceOf(r.Header("Range"), size)
	if !ok || r.Header("If-Range") != "" {
		return r.Stream(body, size, headers)
	}
	if from >= size {
		_ = body.Close()
		r.SetHeader("Content-Range", fmt.Sprintf("bytes */%d", size))
		r.Status(416)
		return nil
	}
	if _, err := body.Seek(from, io.SeekStart); err != nil {
		_ = body.Close()
		return err
	}
	r.Status(206)
	r.SetHeader("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, size))
	return r.Stream(struct {
		io.Reader
		io.Closer
	}{io.LimitReader(body, to-from+1), body}, to-from+1, headers)
}

// pieceOf reads "bytes=from-to". What is more than one piece, or none, is answered with the whole.
func pieceOf(header string, size int64) (from, to int64, ok bool) {
	span, ok := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(span, "-")
	if !ok || !dash || strings.Contains(span, ",") {
		return 0, 0, false
	}
	if first == "" { // the last n bytes
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n <= 0 {
			return 0, 0, false
		}
		return max(0, size-n), size - 1, size > 0
	}
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || from < 0 {
		return 0, 0, false
	}
	to = size - 1
	if last != "" {
		if to, err = strconv.ParseInt(last, 10, 64); err != nil || to < from {
			return 0, 0, false
		}
	}
	return from, min(to, size-1), true
}
