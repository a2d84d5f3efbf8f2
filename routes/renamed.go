package routes

import (
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/messaging"
)

// renamed are the former names of a route or topic, the latest first. What is kept durably goes on under the oldest, so
// that nothing has to be moved, in whichever order processes of the old and the new name come and go; what was kept
// under the others is read too.
type renamed []config.Text

// kept returns the name under which things are kept of what is called name now.
func (r renamed) kept(name string) string {
	if len(r) == 0 {
		return name
	}
	return r[len(r)-1].Value
}

// others returns the names under which things may be kept as well.
func (r renamed) others(name string) []string {
	if len(r) == 0 {
		return nil
	}
	list := []string{name}
	for _, t := range r[:len(r)-1] {
		list = append(list, t.Value)
	}
	return list
}

// names returns the former names.
func (r renamed) names() []string {
	var list []string
	for _, t := range r {
		list = append(list, t.Value)
	}
	return list
}

// Kept returns the name under which the state and the broker know the route: its oldest one.
func (d *RouteModel) Kept() string { return d.renamed.kept(d.ID.Value) }

// Former returns the names that the route had before, the latest first.
func (d *RouteModel) Former() []string { return d.renamed.names() }

// Kept returns the name under which the broker knows the topic: the one that "name:" sets, else its oldest one.
func (t *Topic) Kept() string {
	if t.Named() {
		return t.broker.Value
	}
	return t.renamed.kept(t.Name.Value)
}

// Former returns the names that the topic had before, the latest first.
func (t *Topic) Former() []string { return t.renamed.names() }

// others returns the engine's topics on which work of the route may wait besides that of its kept name.
func (d *RouteModel) others() []string {
	list := d.renamed.others(d.ID.Value)
	for i := range list {
		list[i] = AsyncTopic(list[i])
	}
	return list
}

// also returns a consumer and its like on other topics.
func also(c *Consumer, topics []string) []*Consumer {
	list := []*Consumer{c}
	for _, topic := range topics {
		other := *c
		other.Topic = topic
		list = append(list, &other)
	}
	return list
}

// renames checks that each former name is one route's, or one topic's, and nobody's present name.
func (c *checker) renames() {
	var routes, topics claims
	for _, r := range c.typed.all {
		routes.add(r.Model.ID.Value, r.Model.renamed)
	}
	for _, t := range c.model.Topics {
		former := t.renamed
		if t.Named() { // its own name is one that it had on the broker
			former = slices.DeleteFunc(slices.Clone(former), func(old config.Text) bool { return old.Value == t.Name.Value })
		}
		topics.add(t.Name.Value, former)
	}
	routes.check("route", c.out)
	topics.check("topic", c.out)
	c.brokerNames()
	for _, t := range c.model.Topics {
		for _, old := range t.renamed {
			if err := messaging.CheckName(old.Value); err != nil || strings.HasPrefix(old.Value, messaging.EnginePrefix) {
				old.Report(c.out, diag.BadValue, "renamed_from: found %q, expected a name that a topic of this project had", old.Value)
			}
		}
	}
}

// claims are present and former names of one sort of things.
type claims struct {
	present []string
	by      []renamed
}

func (c *claims) add(name string, r renamed) {
	c.present, c.by = append(c.present, name), append(c.by, r)
}

func (c *claims) check(what string, out *diag.List) {
	owner := map[string]string{}
	for i, r := range c.by {
		for _, old := range r {
			switch first, taken := owner[old.Value]; {
			case slices.Contains(c.present, old.Value):
				old.Report(out, diag.BadRoute, "renamed_from: %q is the present name of a %s; what waits under a name has one owner", old.Value, what).
					WithHint("give one of the two another name, or leave out renamed_from once nothing waits under the old name (fondaco topics)")
			case taken:
				old.Report(out, diag.BadRoute, "renamed_from: %q is claimed by the %s %q already; what waits under a name has one owner", old.Value,
					what, first).
					WithHint("leave it out of one of the two")
			default:
				owner[old.Value] = c.present[i]
			}
		}
	}
}
