package soap

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"fondaco/connectors"
	"fondaco/transform/codec"
)

var (
	errZipped   = errors.New("the message is not the gzip that Content-Encoding says")
	errUnzipped = errors.New("the message is larger than allowed once it is unzipped")
	errCoding   = errors.New("the content coding of the message is not supported: expected gzip, or none")
)

// unzipped returns a body out of the coding that its header says, gzip or none, of at most so many bytes.
func unzipped(h http.Header, body []byte, most int64) ([]byte, error) {
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding"))) {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
	default:
		return nil, errCoding
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, errZipped
	}
	out, err := io.ReadAll(io.LimitReader(z, most+1))
	switch {
	case err != nil:
		return nil, errZipped
	case int64(len(out)) > most:
		return nil, errUnzipped
	}
	return out, nil
}

// leastZipped is how large an answer must be for gzip to be worth it.
const leastZipped = 1 << 10

// zipped returns a body in gzip.
func zipped(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body)
	_ = z.Close()
	return b.Bytes()
}

// zips reports whether the sender of a request takes an answer in gzip (RFC 9110 §12.5.3).
func zips(h http.Header) bool {
	for one := range strings.SplitSeq(strings.Join(h["Accept-Encoding"], ","), ",") {
		coding, quality, _ := strings.Cut(strings.ReplaceAll(one, " ", ""), ";")
		if strings.EqualFold(coding, "gzip") {
			return !strings.HasPrefix(quality, "q=0") || strings.Trim(quality, "q=0.") != ""
		}
	}
	return false
}

// shown returns a context in which what went over the wire is told as it is read: in UTF-8.
func shown(ctx context.Context) context.Context {
	tap := connectors.TapOf(ctx)
	if tap == nil {
		return ctx
	}
	return connectors.WithTap(ctx, func(t *connectors.Trip) {
		media, params, _ := mediaType(t.Answer.Get("Content-Type"))
		if text, _, err := codec.XMLUTF8(t.Got, params["charset"]); err == nil && !strings.HasPrefix(media, "multipart/") {
			own := *t
			own.Got = text
			t = &own
		}
		tap(t)
	})
}
