package door

import (
	"fmt"
	"net/http"
	"strconv"
)

// Refusal says why the door let a request not in. It is an error, and holds nothing of what the client sent.
type Refusal struct {
	Status int
	Detail string
	number int
}

// Error returns status and detail.
func (r *Refusal) Error() string { return fmt.Sprintf("%d %s", r.Status, r.Detail) }

// refusedMethod marks the request that stands in a refused one's place. No client can send it: the door lets only the
// methods of HTTP in.
const refusedMethod = "REFUSED"

// RefusalOf returns the refusal that req stands for, nil if it is a client's own request.
func RefusalOf(req *http.Request) *Refusal {
	if req.Method != refusedMethod || len(req.URL.Path) < 2 {
		return nil
	}
	n, err := strconv.Atoi(req.URL.Path[1:])
	if err != nil || n < 0 || n >= len(refusals) {
		return nil
	}
	return refusals[n]
}

// request returns the head of the request that stands in a refused one's place.
func (r *Refusal) request() []byte {
	return fmt.Appendf(nil, "%s /%d HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n\r\n", refusedMethod, r.number)
}

// The refusals.
var (
	errLine        = refusal(http.StatusBadRequest, "the request line is malformed")
	errLineEnd     = refusal(http.StatusBadRequest, "a line of the head does not end with CR LF")
	errVersion     = refusal(http.StatusHTTPVersionNotSupported, "only HTTP/1.1 and HTTP/1.0 are supported")
	errMethod      = refusal(http.StatusMethodNotAllowed, "the method is not allowed")
	errNoMethod    = refusal(http.StatusNotImplemented, "the method is not known")
	errTarget      = refusal(http.StatusBadRequest, "the request target is malformed")
	errEscape      = refusal(http.StatusBadRequest, "the request target has a malformed percent-encoding")
	errEncoded     = refusal(http.StatusBadRequest, "the path encodes a character that it must not hold")
	errDots        = refusal(http.StatusBadRequest, "the path has a dot segment")
	errSlashes     = refusal(http.StatusBadRequest, "the path has an empty segment")
	errUTF8        = refusal(http.StatusBadRequest, "the path is not UTF-8")
	errParams      = refusal(http.StatusBadRequest, "the query has too many parameters")
	errLongTarget  = refusal(http.StatusRequestURITooLong, "the request target is too long")
	errLongHead    = refusal(http.StatusRequestHeaderFieldsTooLarge, "the head of the request is too large")
	errManyFields  = refusal(http.StatusRequestHeaderFieldsTooLarge, "the request has too many header fields")
	errManyCookies = refusal(http.StatusRequestHeaderFieldsTooLarge, "the request has too many cookies")
	errField       = refusal(http.StatusBadRequest, "a header field is malformed")
	errFold        = refusal(http.StatusBadRequest, "a header field is folded over lines")
	errTwice       = refusal(http.StatusBadRequest, "a header field that must stand once stands twice")
	errHost        = refusal(http.StatusBadRequest, "the Host header is missing or malformed")
	errOtherHost   = refusal(http.StatusBadRequest, "the request target names another host than the Host header")
	errLength      = refusal(http.StatusBadRequest, "Content-Length is not a number")
	errLengthTwice = refusal(http.StatusBadRequest, "Content-Length stands beside Transfer-Encoding")
	errCoding      = refusal(http.StatusNotImplemented, "the transfer coding is not known")
	errChunkedTwo  = refusal(http.StatusBadRequest, "Transfer-Encoding must be chunked and nothing else")
	errOldChunked  = refusal(http.StatusBadRequest, "HTTP/1.0 knows no Transfer-Encoding")
	errExpect      = refusal(http.StatusExpectationFailed, "the expectation is not known")
	errUpgrade     = refusal(http.StatusBadRequest, "connections are not upgraded here")
	errSlow        = refusal(http.StatusRequestTimeout, "the head of the request did not arrive in time")
	errChunk       = refusal(http.StatusBadRequest, "the chunks of the body are malformed")
)

// refusals are all of them, by number.
var refusals = number(
	errLine, errLineEnd, errVersion, errMethod, errNoMethod, errTarget, errEscape, errEncoded, errDots, errSlashes, errUTF8,
	errParams, errLongTarget, errLongHead, errManyFields, errManyCookies, errField, errFold, errTwice, errHost, errOtherHost,
	errLength, errLengthTwice, errCoding, errChunkedTwo, errOldChunked, errExpect, errUpgrade, errSlow, errChunk,
)

func refusal(status int, detail string) *Refusal { return &Refusal{Status: status, Detail: detail} }

func number(all ...*Refusal) []*Refusal {
	for i, r := range all {
		r.number = i
	}
	return all
}
