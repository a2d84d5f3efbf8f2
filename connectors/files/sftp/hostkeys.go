package sftp

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"fondaco/connectors/files/driver"
)

// hostKeys are the keys by which a server is known.
type hostKeys struct {
	host  string // host:port
	name  string // as known_hosts names it
	pins  []string
	lines []hostLine // those of the server, and revoked keys
}

// hostLine is a line of known_hosts.
type hostLine struct {
	number    int
	hosts     string
	key       ssh.PublicKey
	authority bool // the key signs those of servers
	revoked   bool
}

var errNoHostKey = errors.New("the connector says neither known_hosts nor host_key, so that nobody can tell the server from another one: " +
	"ask its owner for the fingerprint, and write host_key: SHA256:… below files")

// readHostKeys reads what is known of a server's keys.
func readHostKeys(host string, knownHosts []byte, fingerprints string) (*hostKeys, error) {
	k := &hostKeys{host: host, name: nameOf(host)}
	lines, err := parseLines(knownHosts)
	if err != nil {
		return nil, err
	}
	if k.pins, err = parsePins(fingerprints); err != nil {
		return nil, err
	}
	if len(lines) == 0 && len(k.pins) == 0 {
		return nil, errNoHostKey
	}
	k.lines = slices.DeleteFunc(lines, func(l hostLine) bool { return !l.revoked && !matchHosts(l.hosts, k.name) })
	return k, nil
}

// parsePins reads fingerprints.
func parsePins(text string) ([]string, error) {
	pins := strings.Fields(strings.ReplaceAll(text, ",", " "))
	for i, pin := range pins {
		octets, is := strings.CutPrefix(pin, "SHA256:")
		octets = strings.TrimRight(octets, "=")
		if b, err := base64.RawStdEncoding.DecodeString(octets); !is || err != nil || len(b) != 32 {
			return nil, errors.New("host_key: found no fingerprint, expected SHA256: and 43 signs, as ssh-keygen -l prints it")
		}
		pins[i] = "SHA256:" + octets
	}
	return pins, nil
}

// parseLines reads known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Keys of types that are not supported are left out.
func parseLines(text []byte) (lines []hostLine, err error) {
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, 1<<20)
	for number := 1; scanner.Scan(); number++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		l := hostLine{number: number}
		words := strings.Fields(line)
		switch words[0] {
		case "@revoked":
			l.revoked = true
		case "@cert-authority":
			l.authority = true
		default:
			words = append([]string{""}, words...)
		}
		if len(words) < 4 || strings.HasPrefix(words[1], "@") {
			return nil, fmt.Errorf("known_hosts, line %d: expected a host, a type of key and the key, as ssh-keyscan prints them", number)
		}
		octets, err := base64.StdEncoding.DecodeString(words[3])
		if err != nil {
			return nil, fmt.Errorf("known_hosts, line %d: the key is not in base64", number)
		}
		l.hosts = words[1]
		if l.key, err = ssh.ParsePublicKey(octets); err != nil {
			continue
		}
		if l.key.Type() != words[2] {
			return nil, fmt.Errorf("known_hosts, line %d: the key is of the type %s, and the line says %s", number, l.key.Type(), words[2])
		}
		lines = append(lines, l)
	}
	return lines, scanner.Err()
}

// algorithms lists those of host keys in the order in which we want them: of the known keys first, or a server with several keys would show
// another one than the known. not are types of keys that are not wanted.
func (k *hostKeys) algorithms(prefer string, not map[string]bool) []string {
	known := func(algorithm string) bool {
		return slices.ContainsFunc(k.lines, func(l hostLine) bool {
			signed := strings.Contains(algorithm, "-cert-")
			return !l.revoked && l.authority == signed && (signed || typeOf(algorithm) == l.key.Type())
		}) || prefer != "" && typeOf(algorithm) == prefer
	}
	all := ssh.SupportedAlgorithms().HostKeys
	slices.SortStableFunc(all, func(a, b string) int { return rank(a) - rank(b) })
	var first, rest []string
	for _, a := range all {
		switch {
		case not[typeOf(a)]:
		case known(a):
			first = append(first, a)
		case !strings.Contains(a, "-cert-"): // nobody whom we know signs keys
			rest = append(rest, a)
		}
	}
	return append(first, rest...)
}

// rank has the keys first whose fingerprints people are told first.
func rank(algorithm string) int {
	if algorithm == ssh.KeyAlgoED25519 || algorithm == ssh.CertAlgoED25519v01 {
		return 0
	}
	return 1
}

// typeOf returns the type of the keys that an algorithm signs by.
func typeOf(algorithm string) string {
	switch algorithm {
	case ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512:
		return ssh.KeyAlgoRSA
	}
	return algorithm
}

// check returns why a key is not one of the server's, nil if it is.
func (k *hostKeys) check(hostPort string, remote net.Addr, key ssh.PublicKey) error {
	checker := ssh.CertChecker{
		IsHostAuthority: func(by ssh.PublicKey, _ string) bool {
			return slices.ContainsFunc(k.lines, func(l hostLine) bool { return l.authority && same(l.key, by) }) && !k.revoked(by)
		},
		IsRevoked:       func(c *ssh.Certificate) bool { return k.revoked(c.Key) || k.revoked(c.SignatureKey) },
		HostKeyFallback: func(_ string, _ net.Addr, key ssh.PublicKey) error { return k.checkPlain(key) },
	}
	err := checker.CheckHostKey(hostPort, remote, key)
	if own := (*driver.Error)(nil); err == nil || errors.As(err, &own) {
		return err
	}
	return &driver.Error{Kind: driver.HostKey, Err: fmt.Errorf("%s: the certificate of its key is not good: %w", k.host, err)}
}

func (k *hostKeys) revoked(key ssh.PublicKey) bool {
	return slices.ContainsFunc(k.lines, func(l hostLine) bool { return l.revoked && same(l.key, key) })
}

// checkPlain checks a key without a certificate.
func (k *hostKeys) checkPlain(key ssh.PublicKey) error {
	shown := key.Type() + " " + ssh.FingerprintSHA256(key)
	wrong := func(format string, args ...any) error {
		return &driver.Error{Kind: driver.HostKey, Err: fmt.Errorf("%s "+format, append([]any{k.host}, args...)...)}
	}
	if k.revoked(key) {
		return wrong("shows %s, which known_hosts says is revoked: nothing was sent to it; ask its owner", shown)
	}
	if slices.Contains(k.pins, ssh.FingerprintSHA256(key)) {
		return nil
	}
	var expected []string
	for _, l := range k.lines {
		switch {
		case l.revoked || l.authority:
		case same(l.key, key):
			return nil
		default:
			expected = append(expected, fmt.Sprintf("%s %s (known_hosts, line %d)", l.key.Type(), ssh.FingerprintSHA256(l.key), l.number))
		}
	}
	for _, pin := range k.pins {
		expected = append(expected, pin+" (host_key)")
	}
	if len(expected) == 0 {
		return wrong("is not in known_hosts, and shows %s: compare that with what its owner says it is, and add the line %q", shown,
			k.name+" "+strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))))
	}
	return wrong("shows another key than the known one: found %s, expected %s. Either it has a new key, or this is not the server. Nothing "+
		"was sent to it. Ask its owner for the fingerprint, and only if it is the one found write it in place of the old", shown,
		strings.Join(expected, ", "))
}

func same(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }
