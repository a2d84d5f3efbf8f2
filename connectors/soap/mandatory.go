package soap

import (
	"errors"
	"slices"
	"strings"

	"fondaco/connectors/soap/wsdl"
	"fondaco/connectors/soap/wss"
	"fondaco/connectors/soap/xsd"
	"fondaco/transform/codec"
)

// errMandatory is a header entry which the sender says must be understood, and is not (SOAP 1.1 §4.2.3, 1.2 §2.4).
var errMandatory = errors.New("a header entry that must be understood is not")

// mandatory returns the name of the header entry at hand if its receiver, who is us, must understand it.
func (v *version) mandatory(s *codec.XMLScanner) (n xsd.Name, must bool) {
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
	n.Space, n.Local = s.Name()
	return n, must && here
}

// understands reports whether a header entry is one that requests of the operation are read for.
func (s *service) understands(e *endpoint, n xsd.Name) bool {
	w := s.wire
	switch {
	case n.Space == wss.SecuritySpace && n.Local == "Security":
		return !w.user.IsZero() || w.timestamp || w.signature.given
	case wss.IsAddressing(n.Space):
		return w.addressing || w.signature.given
	}
	return slices.ContainsFunc(e.op.in.Headers, func(h wsdl.Entry) bool { return h.Name == n })
}
