package sftp

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the form of known_hosts says so; it keeps names from being read, and proves nothing
	"encoding/base64"
	"net"
	"strings"
)

// nameOf returns what known_hosts calls a host:port.
func nameOf(hostPort string) string {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return strings.ToLower(hostPort)
	}
	if port == "22" {
		return strings.ToLower(host)
	}
	return "[" + strings.ToLower(host) + "]:" + port
}

// matchHosts reports whether the hosts of a line are those of a name: a list of patterns with * and ?, of which those behind ! are not
// meant, or the name hashed.
func matchHosts(hosts, name string) bool {
	if strings.HasPrefix(hosts, "|") {
		return matchHashed(hosts, name)
	}
	found := false
	for _, pattern := range strings.Split(hosts, ",") {
		pattern, not := strings.CutPrefix(pattern, "!")
		if !matchPattern(strings.ToLower(pattern), name) {
			continue
		}
		if not {
			return false
		}
		found = true
	}
	return found
}

// matchPattern reports whether * and ? can be filled so that a name comes out. It takes no longer than both lengths multiplied.
func matchPattern(pattern, name string) bool {
	p, n := 0, 0
	star, resume := -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			resume++
			p, n = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchHashed compares a name with one that is hashed: |1|SALT|HMAC.
func matchHashed(hashed, name string) bool {
	parts := strings.Split(hashed, "|")
	if len(parts) != 4 || parts[1] != "1" {
		return false
	}
	salt, err := base64.StdEncoding.DecodeString(parts[2])
	sum, wrong := base64.StdEncoding.DecodeString(parts[3])
	if err != nil || wrong != nil {
		return false
	}
	mac := hmac.New(sha1.New, salt)
	_, _ = mac.Write([]byte(name))
	return hmac.Equal(mac.Sum(nil), sum)
}
