package files

import (
	"context"

	"github.com/google/uuid"
)

// Logo is a firm's logo as a PDF can hold it, and its kind there: PNG or JPG. Without one, or with one that a PDF cannot
// hold, there is nothing.
func (l *Library) Logo(ctx context.Context, firm, logo uuid.UUID) ([]byte, string) {
	if logo == uuid.Nil {
		return nil, ""
	}
	body, kind, err := l.Read(ctx, firm, logo, "medium")
	if err != nil {
		return nil, ""
	}
	switch kind {
	case PNG:
		return body, "PNG"
	case JPEG:
		return body, "JPG"
	}
	return nil, ""
}
