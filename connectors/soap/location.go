package soap

import (
	"net/url"
	"path"
	"strings"

	"fondaco/config"
)

// location returns the file that a document names, relative to itself; remote tells that it names an address instead,
// which is never fetched, and that no file of the catalog stands for.
func (s *schemas) location(e *element, attribute string) (file string, remote, ok bool) {
	text, given := e.find(attribute)
	if !given || text == "" {
		return "", false, false
	}
	said := e.pos.File + "\x00" + text
	if file, ok := s.catalog[text]; ok {
		s.named[said] = file
		return file, false, true
	}
	text = strings.ReplaceAll(text, `\`, "/")
	if strings.Contains(text, "://") || strings.HasPrefix(text, "file:") || strings.HasPrefix(text, "//") {
		return text, true, true
	}
	file = s.find(path.Dir(e.pos.File), text)
	s.named[said] = file
	return file, false, true
}

// find returns the file that a reference in a folder means: the one it says; the one of that name in other letters; what
// follows the question mark of a service's address (service?xsd=types.xsd); the one that it means from a folder above.
// If none of them is there it gives the first.
func (s *schemas) find(dir, text string) string {
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
		if file := path.Join(up, plain); s.there(file) {
			return file
		}
	}
	return path.Join(dir, plain)
}

// lettered finds a file whose name may differ in capital and small letters, as file systems of vendors let it.
func (s *schemas) lettered(file string) (string, bool) {
	if s.there(file) {
		return file, true
	}
	return config.Spelled(s.fsys, file)
}
