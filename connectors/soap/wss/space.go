package wss

// The namespaces and words of WS-Security, XML Signature and WS-Addressing.
const (
	soap11 = "http://schemas.xmlsoap.org/soap/envelope/"
	soap12 = "http://www.w3.org/2003/05/soap-envelope"

	wsseSpace   = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
	wsuSpace    = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
	dsSpace     = "http://www.w3.org/2000/09/xmldsig#"
	xmlSpace    = "http://www.w3.org/XML/1998/namespace"
	wsaSpace    = "http://www.w3.org/2005/08/addressing"
	wsaSpace04  = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
	exclusive   = "http://www.w3.org/2001/10/xml-exc-c14n#"
	x509Profile = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#"
	base64Type  = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
	thumbprint  = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1"
)

// SecuritySpace is the namespace of the header entry of WS-Security.
const SecuritySpace = wsseSpace

// IsAddressing reports whether a namespace is that of WS-Addressing, in either of the versions in use.
func IsAddressing(space string) bool { return space == wsaSpace || space == wsaSpace04 }
