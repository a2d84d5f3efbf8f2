package xsd

import (
	"net/url"
	"path"
	"strings"

	"fondaco/config"
)

// Location returns the file that an attribute of a document names, relative to the document. remote reports that it is an address instead,
// which is never fetched, and for which no file of the catalog stands; ok is false without the attribute.
func (s *Schemas) Location(e *Element, attribute string) (file string, remote, ok bool) {
	text, given := e.Find(attribute)
	if !given || text == "" {
		return "", false, false
	}
	said := e.Pos.File + "\x00" + text
	if file, ok := s.catalog[text]; ok {
		s.named[said] = file
		return file, false, true
	}
	text = strings.ReplaceAll(text, `\`, "/")
	if strings.Contains(text, "://") || strings.HasPrefix(text, "file:") || strings.HasPrefix(text, "//") {
		return text, true, true
	}
	file = s.find(path.Dir(e.Pos.File), text)
	s.named[said] = file
	return file, false, true
}

// find returns the file that a reference in a folder means: the one it says; the one of that name in other letters; what
// follows the question mark of a service's address (service?xsd=types.xsd); the one that it means from a folder above.
// If none of them is there it returns the first.
func (s *Schemas) find(dir, text string) string {
	plain := text
	if p, err := url.PathUnescape(text); err == nil {
		plain = p
	}
	candidates := []string{plain}
	if before, query, asked := strings.Cut(plain, "?"); asked {
		if _, value, ok := strings.Cut(query, "="); ok {
			candidates = append(candidates, value, value+".xsd")
		}
		candidates = append(candidates, before)
	}
	for _, c := range candidates {
		if file, ok := s.lettered(path.Join(dir, c)); ok {
			return file
		}
	}
	for up := dir; up != "." && up != "/" && !strings.HasPrefix(plain, ".."); {
		up = path.Dir(up)
		if file := path.Join(up, plain); s.Exists(file) {
			return file
		}
	}
	return path.Join(dir, plain)
}

// lettered finds a file whose name may differ in capital and small letters, as file systems of vendors let it.
func (s *Schemas) lettered(file string) (string, bool) {
	if s.Exists(file) {
		return file, true
	}
	return config.Spelled(s.fsys, file)
}

// References are the files that were read, and which of them the references in them mean: what is kept of schemas once all is compiled.
// Safe for concurrent use.
type References struct {
	files map[string]bool
	named map[string]string // by file and what stands in it, the file that it means
}

// References returns the files that were read, and what references in them mean.
func (s *Schemas) References() References { return References{s.opened, s.named} }

// Opened reports whether a file was read.
func (r References) Opened(file string) bool { return r.files[file] }

// Means returns the file that a reference in a file means, "" if that is not known.
func (r References) Means(file, said string) string { return r.named[file+"\x00"+said] }
