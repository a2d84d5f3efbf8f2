package transport

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// AWS is what requests are signed with by AWS Signature Version 4, as AWS documents it under "Create a signed AWS API
// request".
type AWS struct {
	AccessKey, SecretKey string
	SessionToken         string // of temporary credentials, "" for others
	Region, Service      string
}

// awsSigner signs requests by AWS Signature Version 4, anew each time that one is sent.
type awsSigner struct {
	AWS
	now func() time.Time
}

const (
	awsAlgorithm = "AWS4-HMAC-SHA256"
	awsTime      = "20060102T150405Z"
	awsDate      = "X-Amz-Date"
	awsToken     = "X-Amz-Security-Token"
	awsPayload   = "X-Amz-Content-Sha256"
)

// unsignedHeaders are what proxies between us and the service may change or take away.
var unsignedHeaders = []string{
	"Authorization", "User-Agent", "Accept-Encoding", "Traceparent", "Tracestate", "X-Request-Id", "X-Amzn-Trace-Id", "Expect", "Connection",
	"Transfer-Encoding", "Content-Length", "Te",
}

func (a *awsSigner) authorize(_ context.Context, o *outgoing) error {
	at := a.now().UTC()
	o.header[awsDate] = []string{at.Format(awsTime)}
	if a.SessionToken != "" {
		o.header[awsToken] = []string{a.SessionToken}
	}
	payload := hexSum(o.body)
	if a.Service == "s3" {
		o.header[awsPayload] = []string{payload}
	}
	names := []string{"host"}
	for name := range o.header {
		if !slices.Contains(unsignedHeaders, name) {
			names = append(names, strings.ToLower(name))
		}
	}
	slices.Sort(names)
	proof, err := a.proof(at, o.method, o.url.Host, o.url.EscapedPath(), o.url.RawQuery, o.header, names, payload)
	if err != nil {
		return err
	}
	o.header["Authorization"] = []string{proof}
	return nil
}

func (*awsSigner) renew(_, _ http.Header) bool { return false }

// proof returns the value of Authorization; signed are the names of the headers in small letters, sorted.
func (a *AWS) proof(at time.Time, method, host, path, query string, h http.Header, signed []string, payload string) (string, error) {
	var b strings.Builder
	b.WriteString(method + "\n" + a.canonicalPath(path) + "\n")
	query, err := canonicalQuery(query)
	if err != nil {
		return "", err
	}
	b.WriteString(query + "\n")
	for _, name := range signed {
		values := slices.Clone(named(h, name))
		if name == "host" {
			values = []string{host}
		}
		for i, v := range values {
			values[i] = strings.Join(strings.Fields(v), " ")
		}
		b.WriteString(name + ":" + strings.Join(values, ",") + "\n")
	}
	names := strings.Join(signed, ";")
	b.WriteString("\n" + names + "\n" + payload)
	scope := at.Format("20060102") + "/" + a.Region + "/" + a.Service + "/aws4_request"
	text := awsAlgorithm + "\n" + at.Format(awsTime) + "\n" + scope + "\n" + hexSum([]byte(b.String()))
	key := []byte("AWS4" + a.SecretKey)
	for part := range strings.SplitSeq(scope, "/") {
		key = mac(key, part)
	}
	return awsAlgorithm + " Credential=" + a.AccessKey + "/" + scope + ", SignedHeaders=" + names + ", Signature=" +
		hex.EncodeToString(mac(key, text)), nil
}

// named returns the values of a header by its name in small letters, however the head writes it: SOAPAction is not written as
// net/http would.
func named(h http.Header, name string) []string {
	if values, there := h[http.CanonicalHeaderKey(name)]; there {
		return values
	}
	for key, values := range h {
		if strings.EqualFold(key, name) {
			return values
		}
	}
	return nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text))
	return h.Sum(nil)
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// canonicalPath returns a path as it is signed: S3's as it is sent, others without empty and dot segments and encoded once more.
func (a *AWS) canonicalPath(sent string) string {
	if sent == "" {
		return "/"
	}
	if a.Service == "s3" {
		if plain, err := url.PathUnescape(sent); err == nil {
			return awsEscape(plain, true)
		}
		return sent
	}
	clean := path.Clean(sent)
	if clean != "/" && strings.HasSuffix(sent, "/") {
		clean += "/"
	}
	return awsEscape(clean, true)
}

// canonicalQuery returns a query as it is signed: decoded, encoded anew and sorted.
func canonicalQuery(sent string) (string, error) {
	if sent == "" {
		return "", nil
	}
	var pairs [][2]string
	for pair := range strings.SplitSeq(sent, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.PathUnescape(name)
		if err == nil {
			value, err = url.PathUnescape(value)
		}
		if err != nil {
			return "", errors.New("the query is not percent-encoded")
		}
		pairs = append(pairs, [2]string{awsEscape(name, false), awsEscape(value, false)})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if c := strings.Compare(a[0], b[0]); c != 0 {
			return c
		}
		return strings.Compare(a[1], b[1])
	})
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p[0] + "=" + p[1])
	}
	return b.String(), nil
}

// awsEscape percent-encodes all but what RFC 3986 calls unreserved, and slashes where slashes is true.
func awsEscape(s string, slashes bool) string {
	const upper = "0123456789ABCDEF"
	var b bytes.Buffer
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~', c == '/' && slashes:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', upper[c>>4], upper[c&15]})
		}
	}
	return b.String()
}

// Known reports whether a request with a body is signed by the credentials: the side of a simulated system.
func (a *AWS) Known(r *http.Request, body []byte) bool {
	at, err := time.Parse(awsTime, r.Header.Get(awsDate))
	_, names, found := strings.Cut(r.Header.Get("Authorization"), " SignedHeaders=")
	names, _, ends := strings.Cut(names, ",")
	if err != nil || !found || !ends || a.SessionToken != r.Header.Get(awsToken) {
		return false
	}
	want, err := a.proof(at, r.Method, r.Host, r.URL.EscapedPath(), r.URL.RawQuery, r.Header, strings.Split(names, ";"), hexSum(body))
	return err == nil && hmac.Equal([]byte(want), []byte(r.Header.Get("Authorization")))
}
