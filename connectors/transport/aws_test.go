package transport

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// suite are the credentials of the published vectors.
var suite = AWS{AccessKey: "AKIDEXAMPLE", SecretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Region: "us-east-1", Service: "service"}

// TestAWSVectors: the signatures of AWS's own test suite (testdata/aws-sigv4).
func TestAWSVectors(t *testing.T) {
	src, err := os.ReadFile("testdata/aws-sigv4/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name, Method, Path, Query, Body, Authorization string
		Headers                                        map[string]string
	}
	if err := json.Unmarshal(src, &vectors); err != nil || len(vectors) < 20 {
		t.Fatal(len(vectors), err)
	}
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	for _, v := range vectors {
		h, names := http.Header{awsDate: {at.Format(awsTime)}}, []string{"host", "x-amz-date"}
		for name, value := range v.Headers {
			h.Set(name, value)
			names = append(names, name)
		}
		slices.Sort(names)
		got, err := suite.proof(at, v.Method, "example.amazonaws.com", v.Path, v.Query, h, names, hexSum([]byte(v.Body)))
		if err != nil || got != v.Authorization {
			t.Errorf("%s: found %s %v, expected %s", v.Name, got, err, v.Authorization)
		}
	}
}

// TestAWSRequest: a request of S3's documentation is signed whole, and the other side knows it, until something of it changes.
func TestAWSRequest(t *testing.T) {
	at := time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	s3 := AWS{AccessKey: "AKIAIOSFODNN7EXAMPLE", SecretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Region: "us-east-1", Service: "s3"}
	signer := &awsSigner{AWS: s3, now: func() time.Time { return at }}
	u, err := url.Parse("https://examplebucket.s3.amazonaws.com/test.txt")
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{"Range": {"bytes=0-9"}, "User-Agent": {"fondaco"}, "Traceparent": {"00-1-2-01"}}
	if err := signer.authorize(t.Context(), &outgoing{method: "GET", header: h, url: u}); err != nil {
		t.Fatal(err)
	}
	want := "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
		"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
	if got := h.Get("Authorization"); got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	request := func(path string) *http.Request {
		r := httptest.NewRequest(http.MethodGet, "https://examplebucket.s3.amazonaws.com"+path, nil)
		r.Header = h.Clone()
		return r
	}
	other := request("/test.txt")
	other.Header.Set("Range", "bytes=0-10")
	if !s3.Known(request("/test.txt"), nil) || s3.Known(request("/test.tx"), nil) || s3.Known(request("/test.txt"), []byte("x")) ||
		s3.Known(other, nil) {
		t.Error("the other side knows the wrong requests")
	}
	if strings.Contains(h.Get("Authorization"), s3.SecretKey) {
		t.Error("the secret is sent")
	}
}

// TestAWSPaths: other services than S3 sign paths without empty and dot segments, encoded once more than they are sent.
func TestAWSPaths(t *testing.T) {
	for sent, want := range map[string]string{"": "/", "/": "/", "//": "/", "/a//b/": "/a/b/", "/a%20b/x": "/a%2520b/x", "/è": "/%C3%A8"} {
		if got := suite.canonicalPath(sent); got != want {
			t.Errorf("%q: found %q, expected %q", sent, got, want)
		}
	}
	s3 := AWS{Service: "s3"}
	if got := s3.canonicalPath("/a%20b//x"); got != "/a%20b//x" {
		t.Errorf("found %q of S3", got)
	}
}
