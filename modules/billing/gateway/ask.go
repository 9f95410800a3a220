package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
)

// Ask makes a request that sends a value as JSON; nil sends nothing.
func Ask(ctx context.Context, method, url string, send any) (*http.Request, error) {
	var text io.Reader
	if send != nil {
		b, err := json.Marshal(send)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(b)
	}
	q, err := http.NewRequestWithContext(ctx, method, url, text)
	if err == nil && send != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	return q, err
}
