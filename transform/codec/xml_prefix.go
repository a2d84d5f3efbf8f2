package codec

import "strings"

// Prefix returns the prefix of the start or end that was last, "" if it has none. Signatures need it: Canonical XML keeps
// prefixes as they came.
func (s *XMLScanner) Prefix() string {
	prefix, _, ok := strings.Cut(s.open[len(s.open)-1].raw, ":")
	if !ok {
		return ""
	}
	return prefix
}

// AttrPrefixes returns the prefixes of those attributes of the last start that have one, in the order of Attrs: they
// belong to the attributes whose Space is not "". The slice is valid until the next step.
func (s *XMLScanner) AttrPrefixes() []string { return s.prefixed }

// Declared calls each with the namespaces that the last start declares, in their order; the prefix "" is the default
// namespace, the space "" takes it away.
func (s *XMLScanner) Declared(each func(prefix, space string)) {
	for _, b := range s.bindings[s.open[len(s.open)-1].bindings:] {
		each(b.prefix, b.space)
	}
}
