package server

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"fondaco/routes/trigger"
	"fondaco/transform/codec"
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
	if value := disposition(res.Stream.Disposition); value != "" {
		h["Content-Disposition"] = []string{value}
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

// disposition returns a system's Content-Disposition as callers may get it, "" if it cannot be read. Names in raw octets are written
// as RFC 8187 has it, from UTF-8, or else from windows-1252.
func disposition(value string) string {
	kind, params, err := mime.ParseMediaType(value)
	if err != nil {
		return ""
	}
	raw := false
	for name, text := range params {
		for i := range len(text) {
			raw = raw || text[i] >= utf8.RuneSelf
		}
		if text, mended := codec.Mended([]byte(text), ""); mended {
			params[name] = string(text)
		}
	}
	ascii := strings.IndexFunc(value, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
	if !raw || ascii { // an encoded name is as it should be already
		return value
	}
	return mime.FormatMediaType(kind, params)
}
