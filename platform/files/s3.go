package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket is a Store in S3 or what speaks like it.
type bucket struct {
	client *minio.Client
	name   string
}

// part is how much of a file is held in memory on its way; 10,000 parts make the largest file 50 GB.
const part = 5 << 20

func openBucket(u *url.URL) (*bucket, error) {
	name := strings.Trim(u.Path, "/")
	secret, _ := u.User.Password()
	if u.Host == "" || name == "" || strings.Contains(name, "/") || u.User.Username() == "" || secret == "" {
		return nil, errors.New("the address for files must be s3://key:secret@host/bucket")
	}
	options := &minio.Options{Creds: credentials.NewStaticV4(u.User.Username(), secret, ""), Secure: true}
	for key, values := range u.Query() {
		switch {
		case key == "region":
			options.Region = values[0]
		case key == "insecure" && (values[0] == "true" || values[0] == "1"):
			options.Secure = false
		case key == "insecure" && (values[0] == "false" || values[0] == "0"):
		default:
			return nil, fmt.Errorf("the address for files has an unknown option %q", key)
		}
	}
	client, err := minio.New(u.Host, options)
	if err != nil {
		return nil, because("open files", err)
	}
	return &bucket{client, name}, nil
}

func (b *bucket) Put(ctx context.Context, key string, r io.Reader) error {
	if err := checkKey(key); err != nil {
		return err
	}
	var start bytes.Buffer
	from := reading(ctx, r)
	_, err := io.CopyN(&start, from, part)
	whole, size := io.Reader(bytes.NewReader(start.Bytes())), int64(start.Len())
	switch {
	case err == nil: // there may be more: a stream whose length is not known, completed only at its end
		whole, size = io.MultiReader(whole, stream{from}), -1
	case err != io.EOF:
		return because("put "+key, err)
	}
	_, err = b.client.PutObject(ctx, b.name, key, whole, size, minio.PutObjectOptions{
		ContentType: string(Sniff(start.Bytes()[:min(start.Len(), HeadSize)], "")),
		PartSize:    part,
		NumThreads:  1,
		// The sum travels in a header: signing chunks inside the body is what S3's imitators get wrong.
		SendContentMd5:       true,
		DisableContentSha256: true,
	})
	if from.err != nil {
		err = from.err
	}
	return because("put "+key, err)
}

// stream hides two things from the client: Seek, by which it would go back to the beginning of what
// was half read, and io.ErrUnexpectedEOF, which it takes for a good end.
type stream struct{ from *patient }

func (s stream) Read(b []byte) (int, error) {
	n, err := s.from.Read(b)
	if err == io.ErrUnexpectedEOF {
		err = errCut
	}
	return n, err
}

var errCut = errors.New("upload was cut")

func (b *bucket) Open(ctx context.Context, key string) (*Object, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	object, err := b.client.GetObject(ctx, b.name, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, because("open "+key, err)
	}
	stat, err := object.Stat()
	if err != nil {
		_ = object.Close()
		return nil, because("open "+key, missing(err))
	}
	return &Object{object, b.info(stat, key)}, nil
}

func (b *bucket) Stat(ctx context.Context, key string) (Info, error) {
	if err := checkKey(key); err != nil {
		return Info{}, err
	}
	stat, err := b.client.StatObject(ctx, b.name, key, minio.StatObjectOptions{})
	if err != nil {
		return Info{}, because("stat "+key, missing(err))
	}
	return b.info(stat, key), nil
}

func (b *bucket) info(stat minio.ObjectInfo, key string) Info {
	return Info{Key: key, Size: stat.Size, Kind: known(stat.ContentType), Modified: stat.LastModified.UTC()}
}

func (b *bucket) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	err := missing(b.client.RemoveObject(ctx, b.name, key, minio.RemoveObjectOptions{}))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return because("delete "+key, err)
}

func (b *bucket) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := checkPrefix(prefix); err != nil {
			yield(Info{}, err)
			return
		}
		if prefix == "" {
			prefix = "firm/"
		}
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		for object := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
			if object.Err != nil {
				yield(Info{}, because("list files", object.Err))
				return
			}
			ours := checkKey(object.Key) == nil
			if !ours || object.Key != prefix && !strings.HasPrefix(object.Key, strings.TrimSuffix(prefix, "/")+"/") {
				continue
			}
			if !yield(Info{Key: object.Key, Size: object.Size, Modified: object.LastModified.UTC()}, nil) {
				return
			}
		}
	}
}

func (b *bucket) Check(ctx context.Context) error {
	there, err := b.client.BucketExists(ctx, b.name)
	if err == nil && !there {
		err = fs.ErrNotExist
	}
	return because("check bucket "+b.name, err)
}

// missing says "not there" the way a disk does. The whole bucket's absence stays an error of its own.
func missing(err error) error {
	if minio.ToErrorResponse(err).Code == "NoSuchKey" {
		return fs.ErrNotExist
	}
	return err
}
