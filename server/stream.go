package server

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"sync"

	"fondaco/routes/trigger"
)

// pieces are buffers between two pieces of streams.
var pieces = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// stream hands a body on as it comes. One that does not come whole breaks the connection: the caller never gets a short file
// that looks whole. A caller who is gone, or takes the answer more slowly than the least rate, ends it.
func (v *visit) stream(res *trigger.Response) {
	defer res.Release()
	body := res.Stream // of its own: a caller who goes amid Release must not close what the next answer in res's buffers streams
	defer context.AfterFunc(v.r.Context(), func() { _ = body.Close() })()
	h := v.w.Header()
	v.head(res)
	h["Content-Type"] = octetsType
	if res.ContentType != "" {
		h["Content-Type"] = []string{res.ContentType}
	}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	if _, _, err := mime.ParseMediaType(res.Stream.Disposition); err == nil {
		h["Content-Disposition"] = []string{res.Stream.Disposition}
	}
	if res.Stream.Length >= 0 {
		h["Content-Length"] = []string{strconv.FormatInt(res.Stream.Length, 10)}
	}
	v.status = res.Status
	_ = v.deadline(0)
	v.w.WriteHeader(res.Status)
	if v.r.Method == http.MethodHead {
		return
	}
	if err := v.pump(body); err != nil {
		v.failure = &trigger.Problem{Status: http.StatusBadGateway, Err: err}
		v.s.log.Warn("a stream has ended amid its body", "route", v.routeID(), "bytes", v.bytes, "request_id", v.trace.RequestID, "error",
			err.Error())
		panic(http.ErrAbortHandler)
	}
}

var errGone = errors.New("the caller is gone, or takes the answer too slowly")

// pump writes what comes, piece by piece.
func (v *visit) pump(from *trigger.Stream) error {
	buf, _ := pieces.Get().(*[32 << 10]byte)
	defer pieces.Put(buf)
	flush := http.NewResponseController(v.w)
	for {
		n, err := from.Read(buf[:])
		if n > 0 {
			_ = v.deadline(n)
			if _, err := v.w.Write(buf[:n]); err != nil {
				return errGone
			}
			v.bytes += n
			if n < len(buf) {
				_ = flush.Flush() // what has come is not kept waiting for more
			}
		}
		switch {
		case errors.Is(err, io.EOF) && from.Length >= 0 && int64(v.bytes) != from.Length:
			return io.ErrUnexpectedEOF
		case errors.Is(err, io.EOF):
			return nil
		case v.r.Context().Err() != nil && err != nil:
			return errGone
		case err != nil:
			return err
		}
	}
}
