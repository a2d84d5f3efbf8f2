package project

import (
	"net/netip"
	"regexp"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// consoleHosts are names of machines, without a port.
type consoleHosts struct{ to *[]config.Text }

// hostName is a name of DNS (RFC 1123 §2.1).
var hostName = regexp.MustCompile(`^(?i:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*(?i:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$`)

// Decode reads one or several.
func (h consoleHosts) Decode(n *config.Node, out *diag.List) {
	for _, t := range texts("console_hosts", n, out) {
		_, err := netip.ParseAddr(strings.Trim(t.Value, "[]"))
		if err != nil && (len(t.Value) > 253 || !hostName.MatchString(t.Value)) {
			t.Report(out, diag.BadValue, "console_hosts: found %q, expected a name as fondaco.comune.example, without scheme and port", t.Value)
			continue
		}
		*h.to = append(*h.to, t)
	}
}

// Schema is that of texts.
func (h consoleHosts) Schema() spec.Schema { return textsSchema() }
