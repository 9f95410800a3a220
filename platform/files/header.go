package files

import (
	"encoding/binary"
	"errors"
	"image"
	"io"

	"github.com/bep/imagemeta"
)

// orientation reads how the camera was held; 1 when nobody says.
func orientation(r io.ReadSeeker, kind Kind) int {
	format, ok := map[Kind]imagemeta.ImageFormat{JPEG: imagemeta.JPEG, PNG: imagemeta.PNG, WebP: imagemeta.WebP}[kind]
	if !ok {
		return 1
	}
	turn := 1
	_ = imagemeta.Decode(imagemeta.Options{
		R:           r,
		ImageFormat: format,
		Sources:     imagemeta.EXIF,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool {
			return tag.Namespace == "IFD0" && tag.Tag == "Orientation"
		},
		HandleTag: func(tag imagemeta.TagInfo) error {
			if said, ok := tag.Value.(uint16); ok && said >= 1 && said <= 8 {
				turn = int(said)
			}
			return imagemeta.ErrStopWalking
		},
	})
	return turn
}

var errBoxes = errors.New("boxes do not add up")

// heicConfig finds the largest size promised in a HEIC header (meta > iprp > ipco > ispe). The
// decoder's own look at the header fails on photos whose header is long.
func heicConfig(r io.ReadSeeker) (image.Config, error) {
	for range 64 { // ftyp, meta and mdat come in any order, with little else
		kind, size, err := box(r)
		if err != nil {
			return image.Config{}, err
		}
		if kind != "meta" {
			if _, err := r.Seek(size, io.SeekCurrent); err != nil {
				return image.Config{}, err
			}
			continue
		}
		if size < 4 || size > 4<<20 {
			return image.Config{}, errBoxes
		}
		meta := make([]byte, size)
		if _, err := io.ReadFull(r, meta); err != nil {
			return image.Config{}, err
		}
		return largest(inside(inside(meta[4:], "iprp"), "ipco"))
	}
	return image.Config{}, errBoxes
}

// box reads the head of a box and tells how many bytes follow.
func box(r io.Reader) (kind string, size int64, err error) {
	var head [16]byte
	if _, err := io.ReadFull(r, head[:8]); err != nil {
		return "", 0, err
	}
	size, kind = int64(binary.BigEndian.Uint32(head[:]))-8, string(head[4:8])
	if size == 1-8 { // a long one
		if _, err := io.ReadFull(r, head[8:]); err != nil {
			return "", 0, err
		}
		size = int64(binary.BigEndian.Uint64(head[8:])) - 16
	}
	if size < 0 || size > 1<<40 {
		return "", 0, errBoxes
	}
	return kind, size, nil
}

// inside is the content of the first box of a kind.
func inside(boxes []byte, kind string) (content []byte) {
	each(boxes, func(k string, c []byte) {
		if content == nil && k == kind {
			content = c
		}
	})
	return content
}

func largest(properties []byte) (best image.Config, err error) {
	each(properties, func(kind string, c []byte) {
		if kind != "ispe" || len(c) < 12 {
			return
		}
		width := min(int(binary.BigEndian.Uint32(c[4:])), 1<<20)
		height := min(int(binary.BigEndian.Uint32(c[8:])), 1<<20)
		if width*height > best.Width*best.Height {
			best.Width, best.Height = width, height
		}
	})
	if best.Width == 0 {
		return best, errBoxes
	}
	return best, nil
}

func each(boxes []byte, visit func(kind string, content []byte)) {
	for len(boxes) >= 8 {
		size := int(binary.BigEndian.Uint32(boxes))
		if size < 8 || size > len(boxes) {
			return
		}
		visit(string(boxes[4:8]), boxes[8:size])
		boxes = boxes[size:]
	}
}
