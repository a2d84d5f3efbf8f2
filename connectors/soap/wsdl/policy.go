package wsdl

import (
	"slices"
	"strings"

	"fondaco/connectors/soap/xsd"
)

// Policies are what a WSDL's policies ask for (WS-Policy, WS-SecurityPolicy, WS-Addressing).
type Policies struct {
	User, Digest, Timestamp, Basic, Signature, TLS bool
	Addressing                                     bool     // WS-Addressing 1.0 must be written
	MayAddress                                     bool     // it may
	Unread                                         []string // the other assertions, by their names, each once
}

// The namespaces of WS-Addressing 1.0 in a WSDL and in a policy.
var addressing10 = []string{"http://www.w3.org/2006/05/addressing/wsdl", "http://www.w3.org/2007/05/addressing/metadata"}

// operators are the elements of WS-Policy that hold assertions.
var operators = []string{"Policy", "ExactlyOne", "All"}

// details are parts of assertions that are read, or say of them what holds in any case: TLS is the server's to choose, and what goes
// first in a header is free.
var details = []string{
	"TransportToken", "InitiatorToken", "RecipientToken", "InitiatorSignatureToken", "RecipientSignatureToken", "HttpsToken",
	"Layout", "Lax", "Strict",
	"Wss10", "Wss11", "SignedSupportingTokens", "SupportingTokens", "NoPassword", "WssUsernameToken10", "WssUsernameToken11",
	"MustSupportRefKeyIdentifier", "MustSupportRefIssuerSerial", "MustSupportRefThumbprint", "MustSupportRefEmbeddedToken",
	"WssX509V3Token10", "WssX509V3Token11",
}

// read reads an element of a document: what the policies in it say.
func (a *Policies) read(e *xsd.Element) {
	if e.Local == "UsingAddressing" { // it also stands beside policies, as an extension of a binding
		a.address(e, e.Attr("required") == "true")
	}
	if !policySpace(e) || !slices.Contains(operators, e.Local) {
		return
	}
	for _, kid := range e.Kids {
		if !slices.Contains(operators, kid.Local) && kid.Local != "PolicyReference" && kid.Local != "UsingAddressing" {
			a.assertion(kid)
		} else if kid.Local == "UsingAddressing" {
			a.address(kid, kid.Attr("Optional") != "true")
		}
	}
}

func policySpace(e *xsd.Element) bool { return strings.Contains(strings.ToLower(e.Space), "policy") }

// address notes that WS-Addressing is used, and whether it must be. Its earlier drafts have other namespaces, and are not read.
func (a *Policies) address(e *xsd.Element, must bool) {
	switch {
	case !slices.Contains(addressing10, e.Space):
		a.unread(e.Local)
	case must:
		a.Addressing = true
	default:
		a.MayAddress = true
	}
}

// assertion reads an assertion of a policy, without the policy that may stand in it.
func (a *Policies) assertion(e *xsd.Element) {
	switch e.Local {
	case "Addressing":
		a.address(e, e.Attr("Optional") != "true")
	case "UsernameToken":
		a.User = true
	case "HashPassword":
		a.Digest = true
	case "IncludeTimestamp":
		a.Timestamp = true
	case "HttpBasicAuthentication", "BasicAuthentication":
		a.Basic = true
	case "X509Token", "AsymmetricBinding", "SignedParts":
		a.Signature = true
	case "TransportBinding":
		a.TLS = true
	default:
		if !slices.Contains(details, e.Local) {
			a.unread(e.Local)
		}
	}
	for _, kid := range e.Kids { // of the 2005 version some stand without a policy around them
		if policySpace(kid) && !slices.Contains(operators, kid.Local) {
			a.part(kid)
		}
	}
}

// part reads what stands in an assertion itself.
func (a *Policies) part(e *xsd.Element) {
	switch e.Local {
	case "HashPassword":
		a.Digest = true
	case "HttpBasicAuthentication":
		a.Basic = true
	case "Body", "Header", "Issuer", "IssuerName":
	default:
		if !slices.Contains(details, e.Local) {
			a.unread(e.Local)
		}
	}
}

func (a *Policies) unread(name string) {
	if !slices.Contains(a.Unread, name) {
		a.Unread = append(a.Unread, name)
	}
}
