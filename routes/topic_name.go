package routes

import (
	"slices"
	"strings"

	"fondaco/config/diag"
	"fondaco/messaging"
)

// brokerNames checks what topics say under "name:": each is a name that a broker takes, not one of the engine's, and no
// other topic of the project reads or writes under it: two topics on one log would get each other's messages.
func (c *checker) brokerNames() {
	for i, t := range c.model.Topics {
		if !t.Named() {
			continue
		}
		name := t.broker.Value
		switch err := messaging.CheckName(name); {
		case err != nil:
			t.broker.Report(c.out, diag.BadValue, "name: found %q, expected 1 to 200 of a-z, A-Z, 0-9, \".\", \"_\" and \"-\"", name)
			continue
		case strings.HasPrefix(name, messaging.EnginePrefix):
			t.broker.Report(c.out, diag.BadValue, "name: found %q; names that begin with %q are those of the engine's own topics", name,
				messaging.EnginePrefix)
			continue
		case slices.Contains(t.others(), name):
			t.broker.Report(c.out, diag.BadRoute, "name: %q stands under renamed_from too; a topic is read once", name).
				WithHint("leave it out of renamed_from")
			continue
		}
		for j, other := range c.model.Topics {
			if j == i || j > i && other.Named() && other.broker.Value == name {
				continue // of two that say the same the later one is reported
			}
			if other.Kept() == name || slices.Contains(other.others(), name) {
				t.broker.Report(c.out, diag.BadRoute, "name: %q is the name on the broker of the topic %q already; two topics on one log would get "+
					"each other's messages", name, other.Name.Value).
					WithHint("have the routes of both use one topic, or give one of the two another name")
				break
			}
		}
	}
}
