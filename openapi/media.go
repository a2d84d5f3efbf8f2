package openapi

import "net/http"

// JSONMedia returns the media type of JSON in a request's body by a method: that of PATCH says that null removes and that what is absent
// stays (RFC 7396), as RFC 5789 §2 asks for a type of its own.
func JSONMedia(method string) string {
	if method == http.MethodPatch {
		return "application/merge-patch+json"
	}
	return jsonMedia
}
