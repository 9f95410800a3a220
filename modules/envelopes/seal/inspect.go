package seal

import "github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

// inspect looks at a stranger's file, in the child.
func inspect(pdf []byte) ([]Size, []filled, error) {
	s, err := open(pdf)
	if err != nil {
		return nil, nil, err
	}
	if s.active() {
		return nil, nil, ErrActive
	}
	sizes := make([]Size, len(s.pages))
	for n, p := range s.pages {
		sizes[n] = p.seen()
	}
	return sizes, s.filled(), nil
}

// actions are those that do more than go to a place.
var actions = map[string]bool{
	"JavaScript": true, "Launch": true, "ImportData": true, "SubmitForm": true, "GoToE": true, "Rendition": true,
	"Movie": true, "Sound": true, "RichMediaExecute": true, "GoTo3DView": true,
}

// lively are annotations that bring something with them.
var lively = map[string]bool{"FileAttachment": true, "RichMedia": true, "Movie": true, "Sound": true, "Screen": true, "3D": true}

// active reports whether anything in a file acts by itself, or is a file within the file.
func (s *source) active() bool {
	for number, entry := range s.Table {
		if entry.Free {
			continue
		}
		generation := 0
		if entry.Generation != nil {
			generation = *entry.Generation
		}
		if s.acts(s.object(*types.NewIndirectRef(number, generation)), 0) {
			return true
		}
	}
	return false
}

func (s *source) acts(o types.Object, depth int) bool {
	if depth > 200 {
		return true // nobody writes so
	}
	switch o := o.(type) {
	case types.StreamDict:
		return s.acts(o.Dict, depth)
	case types.Array:
		for _, one := range o {
			if s.acts(one, depth+1) {
				return true
			}
		}
	case types.Dict:
		for key, value := range o {
			switch key {
			case "JS", "XFA", "EF", "RichMediaContent":
				return true
			case "EmbeddedFiles": // many programs write an empty list
				if list := s.dict(value); len(s.array(list["Names"])) > 0 || len(s.array(list["Kids"])) > 0 {
					return true
				}
			case "S":
				if name, is := value.(types.Name); is && actions[name.Value()] {
					return true
				}
			case "Subtype":
				if name, is := value.(types.Name); is && lively[name.Value()] {
					return true
				}
			}
			if s.acts(value, depth+1) {
				return true
			}
		}
	}
	return false
}
