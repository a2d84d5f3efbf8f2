package routes

import (
	"fondaco/config/diag"
	"fondaco/messaging"
)

// need is something of a route that not every broker of topics keeps.
type need struct {
	pos   diag.Pos
	what  string // the word in the route
	kept  func(messaging.Promises) bool
	lacks string // what the broker does not do
	hint  string
}

func confirms(p messaging.Promises) bool { return p.Confirms }
func ordered(p messaging.Promises) bool  { return p.OrderByKey }
func delays(p messaging.Promises) bool   { return p.Delay }

// needOrder is what a key needs.
func needOrder(pos diag.Pos) need {
	return need{pos, "key", ordered, "keeps no order by key", "leave key out, or use a broker that keeps it: embedded, or kafka://"}
}

// needDelay is what after needs.
func needDelay(pos diag.Pos) need {
	return need{pos, "after", delays, "keeps no due times", "leave after out, or use a broker that keeps them: embedded, or kafka://"}
}

// needConfirms is what accepting and publishing need.
func needConfirms(pos diag.Pos, what string) need {
	return need{pos, what, confirms, "does not confirm what it has stored", "use a broker that confirms: embedded, kafka:// or nats://"}
}

// Unkept reports what routes and topics need of the broker named, and it does not promise: each with its place.
func (t *Typed) Unkept(p messaging.Promises, broker string, out *diag.List) {
	for _, r := range t.all {
		if r.Model.Async {
			r.unkept(needConfirms(r.Model.ID.Pos, "accept: async"), p, broker, out)
		}
		for _, n := range r.asks {
			r.unkept(n, p, broker, out)
		}
	}
	for _, topic := range t.Model.Topics {
		if topic.format == formatJSON && !p.Plain {
			out.Report(diag.BadRoute, topic.Pos, "topics on %s are CloudEvents alone: %q has format: json", broker, topic.Name.Value).
				WithHint("leave format out, or use kafka://")
		}
	}
}

func (r *TypedRoute) unkept(n need, p messaging.Promises, broker string, out *diag.List) {
	if n.kept(p) {
		return
	}
	out.Report(diag.BadRoute, n.pos, "%s: storage.topics is on %s, which %s", n.what, broker, n.lacks).WithHint("%s", n.hint)
}
