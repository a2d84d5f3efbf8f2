package soap

import (
	"errors"
	"slices"
	"strings"

	"fondaco/transform/codec"
)

// errMandatory is a header entry which the sender says must be understood, and is not (SOAP 1.1 §4.2.3, 1.2 §2.4).
var errMandatory = errors.New("a header entry that must be understood is not")

// mandatory returns the name of the header entry at hand if its receiver, who is us, must understand it.
func (v *version) mandatory(s *codec.XMLScanner) (n name, must bool) {
	here := true
	for _, a := range s.Attrs() {
		if a.Space != v.space {
			continue
		}
		switch a.Local {
		case "mustUnderstand":
			value := strings.TrimSpace(a.Value)
			must = value == "1" || value == "true"
		case "actor", "role":
			to := strings.TrimSpace(a.Value)
			here = to == "" || strings.HasSuffix(to, "/next") || strings.HasSuffix(to, "/ultimateReceiver")
		}
	}
	n.space, n.local = s.Name()
	return n, must && here
}

// understands reports whether a header entry is one that requests of the operation are read for.
func (s *service) understands(e *endpoint, n name) bool {
	w := s.wire
	switch {
	case n.space == wsseSpace && n.local == "Security":
		return !w.user.IsZero() || w.timestamp || w.signature.given
	case addressing[n.space]:
		return w.addressing || w.signature.given
	}
	return slices.ContainsFunc(e.op.in.headers, func(h entry) bool { return h.name == n })
}
