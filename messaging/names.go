package messaging

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// EnginePrefix begins the names of the engine's own topics, as of requests that were accepted; no project declares one.
const EnginePrefix = "fondaco."

// Names maps the names of topics and groups that a project uses to those that they have on a broker which several
// projects share. Its zero value leaves all as they are.
type Names struct{ Project string }

// Topic returns the name of a topic on the broker: the engine's own bear the project's name, those that the project
// declares keep the name under which they are kept: the one that "name:" sets, the oldest one, or their own.
func (n Names) Topic(topic string) string {
	rest, engine := strings.CutPrefix(topic, EnginePrefix)
	if n.Project == "" || !engine {
		return topic
	}
	return n.bounded(EnginePrefix + n.Project + "." + rest)
}

// Group returns the name on the broker of a group that reads a topic. All bear the project's name; those that read the
// engine's own topics are named as the topic, with ".work" behind: a route that collects reads a declared topic and its
// batches, and the places and members of the two must not meet in one group. No route's name has a dot.
func (n Names) Group(topic, group string) string {
	switch {
	case n.Project == "":
		return group
	case strings.HasPrefix(topic, EnginePrefix):
		return n.bounded(n.Topic(topic) + ".work")
	}
	return n.bounded(EnginePrefix + n.Project + "." + group)
}

// bounded shortens a name that is longer than brokers take, and keeps it apart from others.
func (n Names) bounded(name string) string {
	const longest = 200
	if len(name) <= longest {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	tail := fmt.Sprintf(".%x", sum[:8])
	return name[:longest-len(tail)] + tail
}
