package envelopes

import (
	"bytes"
	"context"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/paper"
	"portico/platform/web"
)

const mostBytes = 40 << 20

var pageMark = regexp.MustCompile(`/Type\s*/Page[^s]`)

func inspect(pdf []byte) (int, error) {
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		return 0, fault.Field("file", "This file cannot be read as a PDF.")
	}
	return max(1, len(pageMark.FindAll(pdf, -1))), nil
}

func (o office) draw(r *web.Request, e *Envelope) error {
	lines := fillingOf(*e, account{}, r.Firm().Name, r.Viewer().Name, day.Of(r.Now())).text(e.Body, filling{"prices": "", "schedule": ""})
	pdf, err := paper.Draw(paper.Sheet{Title: e.Title, From: []string{r.Firm().Name}, Words: strings.Split(lines, "\n\n"), Page: "Page", Made: r.Now()})
	if err != nil {
		return err
	}
	return o.attach(r, e, e.Title+".pdf", pdf)
}

func guard(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (string, error) {
	if v.Side != auth.Office || !v.May(keep) {
		return "", fault.NotFound()
	}
	return fileName(ctx, tx, v, file)
}
