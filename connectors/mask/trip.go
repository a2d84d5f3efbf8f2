package mask

import (
	"regexp"

	"fondaco/connectors"
)

// Tickets learns the tickets of a session that went with a trip: the log-in's answer has them under another name, or
// under none.
func (m *Mask) Tickets(c *connectors.Connector, t *connectors.Trip) {
	if c.Session == nil {
		return
	}
	field := regexp.QuoteMeta(wireName(c.Session.Send.Value))
	for _, form := range []string{`<(?:[\w.-]+:)?` + field + `(?:\s[^>]*)?>([^<]+)<`, `"` + field + `"\s*:\s*"([^"]+)"`, `(?:^|&)` + field +
		`=([^&]+)`} {
		re, err := regexp.Compile(form)
		if err != nil {
			continue
		}
		for _, found := range re.FindAllSubmatch(t.Body, -1) {
			m.Secret(string(found[1]))
		}
	}
}
