package transport

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
)

// codings is what is sent as Accept-Encoding: the content codings of answers that are read (RFC 9110 §8.4.1, RFC 7932).
var codings = []string{"gzip, deflate, br"}

// errCoded is an answer whose content coding cannot be undone.
var errCoded = errors.New("the answer is not of the content coding that it says")

// maxCodings is how many content codings an answer may have, one over the other.
const maxCodings = 3

// decoded undoes the content codings of a body, which the header of that name lists in the order in which they were
// applied. What comes out is at most limit bytes after each.
func decoded(body []byte, header []string, limit int64) ([]byte, error) {
	list := strings.Split(strings.Join(header, ","), ",")
	undone := 0
	for i := len(list) - 1; i >= 0; i-- {
		name := strings.ToLower(strings.TrimSpace(list[i]))
		if name == "" || name == "identity" {
			continue
		}
		if undone++; undone > maxCodings {
			return nil, fmt.Errorf("%w: it has more than %d", errCoded, maxCodings)
		}
		r, err := reader(name, body)
		if err != nil {
			return nil, err
		}
		if body, err = io.ReadAll(io.LimitReader(r, limit+1)); err != nil {
			return nil, errCoded
		}
		if int64(len(body)) > limit {
			return nil, errLarge
		}
	}
	return body, nil
}

// reader undoes one content coding.
func reader(name string, body []byte) (io.Reader, error) {
	src := bytes.NewReader(body)
	switch name {
	case "gzip", "x-gzip":
		r, err := gzip.NewReader(src)
		if err != nil {
			return nil, errCoded
		}
		return r, nil
	case "deflate":
		// It is zlib by the standard (RFC 9110 §8.4.1.2); some servers leave zlib's head out, as its note says.
		if len(body) < 2 || body[0]&0x0f != 8 || (int(body[0])<<8|int(body[1]))%31 != 0 {
			return flate.NewReader(src), nil
		}
		r, err := zlib.NewReader(src)
		if err != nil {
			return nil, errCoded
		}
		return r, nil
	case "br":
		return brotli.NewReader(src), nil
	}
	return nil, fmt.Errorf("%w: the coding is none of gzip, deflate and br, which were asked for", errCoded)
}
