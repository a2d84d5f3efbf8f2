package wsdl

import (
	"strings"
	"testing"

	"fondaco/connectors/soap/xsd"
)

// TestPolicies: each assertion is read, or named.
func TestPolicies(t *testing.T) {
	const sp = "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702"
	policy := func(kids ...*xsd.Element) *xsd.Element {
		return element("http://www.w3.org/ns/ws-policy", "Policy", kids...)
	}
	var got Policies
	element(wsdlSpace, "definitions",
		policy(element("http://www.w3.org/ns/ws-policy", "ExactlyOne", element("http://www.w3.org/ns/ws-policy", "All",
			element(sp, "TransportBinding", policy(
				element(sp, "TransportToken", policy(element(sp, "HttpsToken", element(sp, "RequireClientCertificate")))),
				element(sp, "AlgorithmSuite", policy(element(sp, "Basic256"))), element(sp, "IncludeTimestamp"),
			)),
			element(sp, "SignedSupportingTokens", policy(element(sp, "UsernameToken", element(sp, "HashPassword")))),
			element(sp, "SymmetricBinding"),
			element("http://docs.oasis-open.org/ws-rx/wsrmp/200702", "RMAssertion"),
			element("http://www.w3.org/2007/05/addressing/metadata", "Addressing"),
		))),
		element(wsdlSpace, "binding", element("http://schemas.xmlsoap.org/ws/2004/08/addressing/policy", "UsingAddressing")),
	).Walk(got.read)
	if !got.TLS || !got.Timestamp || !got.User || !got.Digest || !got.Addressing || got.Signature || got.Basic || got.MayAddress {
		t.Errorf("found %+v", got)
	}
	unread := strings.Join(got.Unread, " ")
	for _, want := range []string{
		"RequireClientCertificate", "AlgorithmSuite", "Basic256", "SymmetricBinding",
		"RMAssertion", "UsingAddressing",
	} {
		if !strings.Contains(unread, want) {
			t.Errorf("%s is not named: %s", want, unread)
		}
	}
	for _, not := range []string{"TransportToken", "HttpsToken", "ExactlyOne", "UsernameToken"} {
		if strings.Contains(unread, " "+not) {
			t.Errorf("%s is named: %s", not, unread)
		}
	}
}

func element(space, local string, kids ...*xsd.Element) *xsd.Element {
	return &xsd.Element{Name: xsd.Name{Space: space, Local: local}, Kids: kids}
}
