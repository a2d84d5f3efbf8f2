package auth

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"io"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json"
)

const (
	maxListToken = 4 << 20 // bytes of a list as it comes
	maxList      = 8 << 20 // bytes of a list: 64 million tokens of one bit
	maxListURI   = 2048    // characters of a list's address
)

// statusRef is where a token's status stands: the claim status.status_list (draft-ietf-oauth-status-list §6.2).
type statusRef struct {
	uri string
	idx int64
}

// statusClaim reads where a token's status stands, nil if it does not say. The addresses begin with under.
func statusClaim(claims map[string]any, under *url.URL) (*statusRef, error) {
	status, said := claims["status"]
	if !said {
		return nil, nil //nolint:nilnil // it does not say
	}
	mechanisms, ok := status.(map[string]any)
	if !ok {
		return nil, errors.New("its status is not an object")
	}
	list, said := mechanisms["status_list"]
	if !said {
		return nil, nil //nolint:nilnil // its status is elsewhere
	}
	fields, _ := list.(map[string]any)
	idx, _ := fields["idx"].(json.Number)
	uri, _ := fields["uri"].(string)
	n, err := strconv.ParseInt(string(idx), 10, 64)
	if err != nil || n < 0 || strings.HasPrefix(string(idx), "-") || uri == "" || len(uri) > maxListURI {
		return nil, errors.New("its status_list has no idx and uri that can be read")
	}
	if !within(uri, under) {
		return nil, errors.New("its status list is not under the address that is configured")
	}
	return &statusRef{uri: uri, idx: n}, nil
}

// within reports whether an address is under, or below it: the same scheme, host and port, and a path that begins with
// under's whole segments and has one reading.
func within(uri string, under *url.URL) bool {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != under.Scheme || u.Host != under.Host || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return false
	}
	path := u.EscapedPath()
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." || strings.ContainsAny(segment, "%\\;") {
			return false
		}
	}
	base := under.EscapedPath()
	return path == base || strings.HasPrefix(path, strings.TrimSuffix(base, "/")+"/")
}

// statusList is a list whose signature is good. It is not changed.
type statusList struct {
	bits    int64 // of a status: 1, 2, 4 or 8
	octets  []byte
	renew   time.Time // from when on it is asked for anew
	expires time.Time // when it may not be used any longer
}

// at returns the status at an index: 0 is valid. False if the list is shorter.
func (l *statusList) at(idx int64) (status byte, ok bool) {
	each := 8 / l.bits
	if idx < 0 || idx/each >= int64(len(l.octets)) {
		return 0, false
	}
	return l.octets[idx/each] >> (idx % each * l.bits) & (1<<l.bits - 1), true // the least significant bits come first (§4.1)
}

// readList reads the claims of a list (§5.1) whose signature is good. It is used for longest at most.
func readList(payload []byte, uri string, now time.Time, leeway, longest time.Duration) (*statusList, error) {
	var said struct {
		Sub  string       `json:"sub"`
		Iat  *json.Number `json:"iat"`
		Exp  *json.Number `json:"exp"`
		TTL  *json.Number `json:"ttl"`
		List *struct {
			Bits int64  `json:"bits"`
			Lst  string `json:"lst"`
		} `json:"status_list"`
	}
	if err := json.Unmarshal(payload, &said); err != nil || said.List == nil {
		return nil, errors.New("the status list cannot be read")
	}
	if said.Sub != uri {
		return nil, errors.New("the status list is another's: its sub is not the address it came from")
	}
	at := float64(now.UnixMicro()) / 1e6
	if iat, ok := date(said.Iat); !ok || iat > at+leeway.Seconds() {
		return nil, errors.New("the iat of the status list is missing, no date, or not yet")
	}
	good := longest.Seconds()
	if said.TTL != nil {
		ttl, ok := date(said.TTL)
		if !ok || ttl <= 0 {
			return nil, errors.New("the ttl of the status list is not a positive number")
		}
		good = min(good, ttl)
	}
	if said.Exp != nil {
		exp, ok := date(said.Exp)
		if !ok || exp <= at {
			return nil, errors.New("the status list has expired, or its exp is not a date")
		}
		good = min(good, exp-at)
	}
	octets, err := inflate(said.List.Lst)
	if err != nil {
		return nil, err
	}
	switch said.List.Bits {
	case 1, 2, 4, 8:
	default:
		return nil, errors.New("the bits of the status list: expected 1, 2, 4 or 8")
	}
	life := time.Duration(math.Ceil(good*1e3)) * time.Millisecond
	return &statusList{bits: said.List.Bits, octets: octets, renew: now.Add(life / 4 * 3), expires: now.Add(life)}, nil
}

// date reads a number of seconds.
func date(n *json.Number) (float64, bool) {
	if n == nil {
		return 0, false
	}
	return unixTime(*n)
}

// inflate reads a list: base64url of octets compressed by zlib (§4.1), which may not come to be more than maxList.
func inflate(lst string) ([]byte, error) {
	packed, err := base64.RawURLEncoding.Strict().DecodeString(lst)
	if err != nil || len(packed) == 0 {
		return nil, errors.New("the lst of the status list is not base64url")
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, errors.New("the lst of the status list is not compressed by zlib")
	}
	octets, err := io.ReadAll(io.LimitReader(z, maxList+1))
	switch {
	case err != nil:
		return nil, errors.New("the lst of the status list is not compressed by zlib, or is cut off")
	case len(octets) > maxList:
		return nil, errors.New("the status list is too large")
	}
	return bytes.Clone(octets), nil // of its own size: it is kept
}
