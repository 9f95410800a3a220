package stripetest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Good and Refused are the card numbers that a stand-in's fields know; they are Stripe's own for tests.
const (
	Good    = "4242424242424242"
	Refused = "4000000000009995"
)

// Fields is a stand-in for Stripe's script and its fields, at an origin of its own: a frame takes the number, and only the
// stand-in's server learns it.
func (d *Double) Fields(t testing.TB) (origin string) {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	say := func(path, kind, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, q *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = fmt.Fprint(w, strings.ReplaceAll(body, "ORIGIN", "http://"+q.Host))
		})
	}
	say("/v3/", "text/javascript", standIn)
	say("/frame", "text/html", `<!doctype html><html lang="en"><title>Card</title><label>Card number <input id="number" inputmode="numeric"></label><script src="/frame.js"></script></html>`)
	say("/frame.js", "text/javascript", frame)
	mux.HandleFunc("POST /confirm", func(w http.ResponseWriter, q *http.Request) {
		_ = q.ParseMultipartForm(1 << 16)
		intent, _, _ := strings.Cut(q.FormValue("secret"), "_secret_")
		answer := `{"error":{"message":"Your card number is incomplete."}}`
		switch q.FormValue("number") {
		case Good:
			answer = `{}`
			if !d.Enter(intent, "") {
				answer = `{"error":{"message":"This payment cannot be made any more."}}`
			}
		case Refused:
			d.Enter(intent, "insufficient_funds")
			answer = `{"error":{"message":"Your card has insufficient funds."}}`
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, answer)
	})
	return server.URL
}

// standIn answers what our page asks of Stripe's script.
const standIn = `window.Stripe = (key) => {
  if (!key.startsWith("pk_")) throw new Error("no key");
  const typed = (box) => new Promise((found) => {
    const hear = (event) => { if (event.source === box.contentWindow && event.data !== "entered") { removeEventListener("message", hear); found(event.data); } };
    addEventListener("message", hear);
    box.contentWindow.postMessage("number", "ORIGIN");
  });
  return {
    elements: ({ clientSecret }) => {
      const all = { secret: clientSecret };
      all.create = () => {
        const told = {};
        return { on: (what, fn) => { told[what] = fn; }, mount: (at) => {
          all.box = document.createElement("iframe");
          all.box.title = "Secure card fields"; all.box.src = "ORIGIN/frame"; all.box.onload = () => told.ready?.();
          addEventListener("message", (event) => { if (event.source === all.box.contentWindow && event.data === "entered") all.box.dataset.entered = ""; });
          at.append(all.box);
        } };
      };
      return all;
    },
    confirmPayment: async ({ elements }) => {
      const body = new FormData();
      body.set("secret", elements.secret); body.set("number", await typed(elements.box));
      return (await fetch("ORIGIN/confirm", { method: "POST", body })).json();
    },
  };
};`

const frame = `const number = document.getElementById("number");
addEventListener("message", (event) => event.source.postMessage(number.value, "*"));
for (const way of ["click", "focus"]) addEventListener(way, () => number.focus());
number.addEventListener("focus", () => parent.postMessage("entered", "*"));`
