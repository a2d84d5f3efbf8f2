package trigger

import (
	"io"
	"net/http"
	"sync"

	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
	"fondaco/transform/parts"
)

// Request is one HTTP request as a route sees it: the server has found the route, authenticated the caller and read the
// body whole. Nothing of it is written to while the exchange runs, and not afterwards if it keeps pieces of it.
type Request struct {
	Path   []string     // the values of the path's holes, in their order, percent-decoded
	Host   string       // as the request says it
	Query  string       // the raw query, without the question mark
	Header http.Header  // under canonical names
	Body   []byte       // whole, decompressed
	Kept   bool         // it is an accepted one that is worked on: its body is JSON, however it came
	Upload *Upload      // in place of Body: what is sent on as it comes; nil for none
	User   schema.Value // the caller, of UserType; absent for a route that says "auth: none"
	// Exchange is the id of the exchange where the same request may come again after the process has ended amid it: its calls
	// whose effect is once are noted under it, and one that was begun is not made again. "" for a request that never does.
	Exchange string
	Effect   func() // called after each call and publish that may have had an effect, concurrently too; nil for nobody
	// Account is asked for room in the process by what the exchange makes; nil has no bound but the limits.
	Account expr.Account
}

// Upload is the body of a request that is sent on as it comes.
type Upload struct {
	io.Reader
	Length            int64 // -1 if the caller does not say
	Type, Disposition string
	// Problem says why the body did not come whole; nil if it did, or was not read to its end.
	Problem func() *Problem
}

// Header is one field of an answer's head.
type Header struct{ Name, Value string }

// Response is a route's answer. Whoever gets one calls Release once it is written, and does not touch it afterwards.
type Response struct {
	Status      int
	ContentType string // "" with an empty body
	Header      []Header
	Body        []byte
	Form        *parts.Form // how a body of several parts is read, for tests; nil for another
	Tagged      bool        // the header ETag is strong, and of the body as it is here
	Stream      *Stream     // in place of Body: what is handed on as it comes; nil for none
	Failure     error       // the cause of an answer that states one in its own way, for the log; nil for none
}

// Stream is a body that is handed on as it comes. Reading it ends with an error when it does not come whole; Release closes it.
type Stream struct {
	io.ReadCloser
	Length      int64  // -1 if it is not known
	Disposition string // the value of Content-Disposition, "" for none
}

// largeBody is the size from which a buffer is not kept for another answer.
const largeBody = 256 << 10

var responses = sync.Pool{New: func() any { return &Response{Body: make([]byte, 0, 4<<10)} }}

// NewResponse returns an empty answer whose buffers were used before.
func NewResponse() *Response { return responses.Get().(*Response) }

// Release returns the answer's buffers back.
func (r *Response) Release() {
	if r == nil {
		return
	}
	if r.Stream != nil {
		_ = r.Stream.Close()
		r.Stream = nil
	}
	if cap(r.Body) > largeBody {
		codec.Recycle(r.Body)
		r.Body = nil
		return
	}
	clear(r.Header)
	r.Tagged = false
	r.Status, r.ContentType, r.Header, r.Body, r.Form, r.Failure = 0, "", r.Header[:0], r.Body[:0], nil, nil
	responses.Put(r)
}
