package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"os"

	"portico/platform/fault"
)

// File is one uploaded file, spooled to disk; it is gone when the request is over.
type File struct {
	Name string // as the browser called it: only to show
	Size int64
	temp *os.File
}

// Open gives the content from its start.
func (f *File) Open() (io.ReadSeeker, error) {
	_, err := f.temp.Seek(0, io.SeekStart)
	return f.temp, err
}

// body reads at most the route's limit. Fiber's own limit does not hold for streams, and its Body inflates without one.
func (r *Request) body() io.Reader {
	limit := r.route.Body
	if limit == 0 {
		limit = bodyBytes
	}
	return &limited{r.rest(), limit, limit}
}

// rest is what has not been read of the body.
func (r *Request) rest() io.Reader {
	if r.whole != nil {
		return r.whole
	}
	r.whole = bytes.NewReader(nil)
	if stream := r.c.Context().RequestBodyStream(); stream != nil {
		r.whole = &ended{from: stream}
	} else if raw := r.c.Request().Body(); len(raw) > 0 { // a small one that came with the headers
		r.whole = bytes.NewReader(raw)
	}
	return r.whole
}

// ended remembers that a body was read to its end: the server's stream, asked once more, reads into the next request.
type ended struct {
	from io.Reader
	err  error
}

func (e *ended) Read(p []byte) (n int, err error) {
	if e.err != nil {
		return 0, e.err
	}
	n, e.err = e.from.Read(p)
	return n, e.err
}

type limited struct {
	from io.Reader
	left int64
	most int64
}

// hold reads a small body into memory.
func (r *Request) hold() error {
	raw, err := io.ReadAll(r.body())
	if err != nil {
		return readable(err)
	}
	r.whole = bytes.NewReader(raw)
	return nil
}

// linger is how much of an unwanted body is still read: a browser that is cut off while it sends never sees the answer.
const linger = 8 << 20

// settle reads what the handler left of the body. What is too much to read ends the connection: the server would take
// the rest for the next request, and behind a proxy that one belongs to somebody else.
func (r *Request) settle() {
	if _, err := io.Copy(io.Discard, &limited{r.rest(), linger, linger}); err != nil {
		r.c.Response().Header.SetConnectionClose()
	}
	r.c.Context().SetUserValue(readKey, true)
}

// tooLarge names the most where files are taken; nobody types as much as the other forms take.
func (l *limited) tooLarge() error {
	if l.most < 2<<20 {
		return fault.TooLarge("That is too large to send.")
	}
	return fault.TooLarge(fmt.Sprintf("That is too large to send. The most we can take here is %d MB.", (l.most-1)>>20))
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, l.tooLarge()
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.from.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return n, l.tooLarge()
	}
	return n, err
}

// Raw is the body as it came: for JSON of our own scripts and for webhooks.
func (r *Request) Raw() ([]byte, error) {
	raw, err := io.ReadAll(r.body())
	return raw, readable(err)
}

const (
	formParts = 1000 // fields and files of one form
	formFiles = 50   // each is an open file until the request is over
)

func (r *Request) parseBody() error {
	if r.form != nil {
		return nil
	}
	r.form, r.files = url.Values{}, map[string][]*File{}
	kind, params, err := mime.ParseMediaType(r.c.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		raw, err := io.ReadAll(r.body())
		if err != nil {
			return readable(err)
		}
		r.form, err = url.ParseQuery(string(raw))
		if err != nil {
			r.form = url.Values{}
			return fault.BadRequest("That form could not be read.")
		}
		return nil
	case partOfFile:
		if r.route.Body > bodyBytes {
			return readable(r.spool("", "", r.body()))
		}
	case "multipart/form-data":
		return readable(r.parseParts(multipart.NewReader(r.body(), params["boundary"])))
	case "":
		if r.c.Request().Header.ContentLength() <= 0 {
			return nil // nothing was sent: an empty form
		}
	}
	return fault.WrongType("That kind of content is not taken here.")
}

func (r *Request) parseParts(parts *multipart.Reader) error {
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n >= formParts {
			return fault.TooLarge("That form has too many fields.")
		}
		if err := r.takePart(part); err != nil {
			return err
		}
	}
}

func (r *Request) takePart(part *multipart.Part) error {
	name := part.FormName()
	if part.FileName() == "" {
		value, err := io.ReadAll(io.LimitReader(part, bodyBytes))
		r.form.Add(name, string(value))
		return err
	}
	if r.route.Body <= bodyBytes { // a stranger's small form must not open files by the thousand
		return fault.WrongType("No files are taken here.")
	}
	sent := 0
	for _, files := range r.files {
		sent += len(files)
	}
	if sent >= formFiles {
		return fault.TooLarge("Those are too many files at once.")
	}
	return r.spool(name, part.FileName(), part)
}

// partOfFile is a piece of an upload that goes on where it broke off: nothing but bytes, see Piece.
const partOfFile = "application/offset+octet-stream"

// Piece is the body of a request that is nothing but a piece of a file.
func (r *Request) Piece() (*File, error) {
	if err := r.parseBody(); err != nil {
		return nil, err
	}
	if len(r.files[""]) == 0 {
		return nil, fault.WrongType("A piece of a file is wanted here.")
	}
	return r.files[""][0], nil
}

// spool takes bytes to the disk; they live as long as the request.
func (r *Request) spool(field, name string, from io.Reader) error {
	temp, err := os.CreateTemp("", "portico-upload-*")
	if err != nil {
		return err
	}
	_ = os.Remove(temp.Name()) // it lives as long as it is open
	file := &File{Name: name, temp: temp}
	r.files[field] = append(r.files[field], file)
	file.Size, err = io.Copy(temp, from)
	return err
}

// readable turns what a reader says into words for people.
func readable(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := fault.Of(err); ok {
		return err
	}
	return fault.BadRequest("That could not be read to its end.")
}

func (r *Request) closeFiles() {
	for _, files := range r.files {
		for _, f := range files {
			_ = f.temp.Close()
		}
	}
}
