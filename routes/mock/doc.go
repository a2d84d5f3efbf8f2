// Package mock answers a public API from its OpenAPI document alone: no system is called and nothing is kept. Requests are checked, and
// each is answered with an example of the document, or with a value made from the answer's type. Which one, a caller may say in the
// header Prefer (RFC 7240).
package mock
