package signet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// patience is how long a timestamp authority may take.
const patience = 10 * time.Second

// Time hands a query (RFC 3161) to the timestamp authority, and answers what it says.
func (s Signet) Time(ctx context.Context, query []byte) ([]byte, error) {
	limited, stop := context.WithTimeout(ctx, patience)
	defer stop()
	request, err := http.NewRequestWithContext(limited, http.MethodPost, s.TSA, bytes.NewReader(query))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/timestamp-query")
	response, err := (&http.Client{Timeout: patience}).Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %d", response.StatusCode)
	}
	return io.ReadAll(io.LimitReader(response.Body, 64<<10))
}
