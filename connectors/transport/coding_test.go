package transport

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fondaco/connectors"

	"github.com/andybalholm/brotli"
)

// coded writes a text in a content coding.
func coded(t *testing.T, text []byte, open func(io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var b bytes.Buffer
	w := open(&b)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestContentCodings: answers in each coding that is asked for, and those that are not what they say.
func TestContentCodings(t *testing.T) {
	text := []byte(`{"nome":"` + strings.Repeat("Calle Larga ", 300) + `"}`)
	zip := func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
	gz, large := coded(t, text, zip), coded(t, bytes.Repeat([]byte("x"), 40_000), zip)
	deflate := coded(t, text, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	raw := coded(t, text, func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 9); return f })
	br := coded(t, text, func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) })
	for _, x := range []struct {
		coding string
		body   []byte
		want   string // of the error
	}{
		{"", text, ""},
		{"identity", text, ""},
		{"gzip", gz, ""},
		{"X-GZip", gz, ""},
		{"deflate", deflate, ""},
		{"deflate", raw, ""},
		{"br", br, ""},
		{"gzip, br", coded(t, gz, func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) }), ""},
		{"gzip", nil, ""},
		{"gzip", text, errCoded.Error()},
		{"gzip", gz[:len(gz)/2], errCoded.Error()},
		{"br", br[:len(br)/2], errCoded.Error()},
		{"deflate", raw[:len(raw)/2], errCoded.Error()},
		{"zstd", text, errCoded.Error() + ": the coding is none of"},
		{"gzip", large, errLarge.Error()},
		{"gzip,gzip,gzip,gzip", coded(t, coded(t, coded(t, gz, zip), zip), zip), "more than 3"},
	} {
		asked := ""
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.Header.Get("Accept-Encoding")
			if x.coding != "" {
				w.Header().Set("Content-Encoding", x.coding)
			}
			_, _ = w.Write(x.body)
		}))
		endpoint, _ := url.Parse(server.URL)
		c, err := New(Options{System: "prova", Endpoint: endpoint, MaxAnswer: 20_000})
		if err != nil {
			t.Fatal(err)
		}
		res, err := c.Do(context.Background(), &Request{Method: http.MethodPost, Target: "/", Operation: "op", Effect: connectors.Once})
		switch f := connectors.AsFault(err); {
		case x.want == "" && (err != nil || len(x.body) > 0 && !bytes.Equal(res.Body, text)):
			t.Errorf("%s: found %v", x.coding, err)
		case x.want != "" && (f == nil || f.Kind != connectors.Invalid || f.Status != 200 || !strings.Contains(err.Error(), x.want)):
			t.Errorf("%s: found %v, expected invalid with %s", x.coding, err, x.want)
		}
		if x.want != "" && x.want != errLarge.Error() && !errors.Is(err, errCoded) {
			t.Errorf("%s: found %v", x.coding, err)
		}
		if asked != "gzip, deflate, br" {
			t.Errorf("asked for %q", asked)
		}
		c.Close()
		server.Close()
	}
}
