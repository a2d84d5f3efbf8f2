package openapi

import "fondaco/openapi/texts"

// Info is what a document says about the API as a whole.
type Info struct {
	Title          string
	Version        string // semantic: 1.0.0
	Summary        string // one line, for catalogues (x-summary; in 3.1 summary as well)
	Description    string // CommonMark
	Contact        Contact
	License        License
	TermsOfService string // a URL
	APIID          string // what stays the same when the title changes (x-api-id), a UUID
	Servers        []Server
	Schemes        []Scheme
	Tags           []Tag          // those with a description; others are taken from the operations
	Language       texts.Language // of the texts that Write adds by itself
	Spare          bool           // the document has no examples

	// Problem returns an example of the problem that answers with a status, as JSON; nil for one with no more than the status.
	Problem func(status int) []byte
}

// Contact is who answers for the API.
type Contact struct{ Name, URL, Email string }

// License is the API's licence. SPDX says that its name is one of the SPDX list.
type License struct {
	Name, URL string
	SPDX      bool
}

// Server is a place where the API answers.
type Server struct {
	URL         string
	Description string
	Sandbox     bool // not for production: plain http is accepted (x-sandbox)
}

// Tag is a group of operations.
type Tag struct{ Name, Description string }

// Scheme is a way for callers to prove who they are.
type Scheme struct {
	Name         string // by which requirements refer to it
	Type         string // http, apiKey, oauth2, openIdConnect or mutualTLS
	Doc          string
	HTTP         string // of http: bearer or basic
	BearerFormat string // of http bearer, as JWT
	In, Key      string // of apiKey: header, query or cookie, and the name there
	URL          string // of openIdConnect: its configuration
	Flows        []Flow // of oauth2
}

// Flow is a way to obtain an OAuth 2 token.
type Flow struct {
	Kind                       string // clientCredentials, authorizationCode, implicit or password
	AuthorizationURL, TokenURL string
	Scopes                     []Tag // scope and what it allows
}
