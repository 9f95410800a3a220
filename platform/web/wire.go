package web

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// onWire stands between the server and the routes: it refuses requests that two programs could read in two ways, and
// ends connections on which a body was left unread. Both would let a visitor behind a proxy put words into the mouth of
// the next one. The server itself lets some of them pass.
func onWire(serve fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(c *fasthttp.RequestCtx) {
		if ambiguous(&c.Request.Header) {
			c.Error("This request could not be read.", fasthttp.StatusBadRequest)
			c.SetConnectionClose()
			safety(&c.Response.Header)
			return
		}
		serve(c)
		if c.Request.IsBodyStream() && c.UserValue(readKey) == nil {
			c.SetConnectionClose()
		}
	}
}

// readKey marks requests whose body was read to its end.
const readKey = "portico body read"

// ambiguous: a length and chunks at once, a second length, host or coding, a name with a blank in it, a line that goes on.
func ambiguous(h *fasthttp.RequestHeader) bool {
	lengths, codings, hosts := 0, 0, 0
	for line := range bytes.SplitSeq(h.RawHeaders(), []byte("\n")) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			continue
		}
		name, _, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(name) == 0 || bytes.ContainsAny(name, " \t\x00\r") {
			return true
		}
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			lengths++
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			codings++
		case bytes.EqualFold(name, []byte("Host")):
			hosts++
		}
	}
	return lengths+codings > 1 || hosts > 1
}
