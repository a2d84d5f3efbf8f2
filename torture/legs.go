package main

import "slices"

// leg is one effect that accepted orders must have in the system.
type leg struct {
	name      string
	unordered bool                // its message has no key, or is worked on together with others
	of        func(*request) bool // which orders have it; all if nil
	alone     bool                // the orders that have it have no other
}

// expects reports whether an order must have the effect.
func (l leg) expects(r *request) bool { return l.of == nil || l.of(r) }

// twoLegs are those of torture's first project: the route's own call, and that of a route on the topic. The last leg of
// a table is one that every order has: clients go by it.
var twoLegs = []leg{{name: "order"}, {name: "follow"}}

// expects reports whether an order has an effect of that name.
func expects(legs []leg, name string, r *request) bool {
	i := index(legs, name)
	return i >= 0 && legs[i].expects(r)
}

// unordered reports whether effects of that name are free to come in any order.
func unordered(legs []leg, name string) bool {
	i := index(legs, name)
	return i >= 0 && legs[i].unordered
}

func index(legs []leg, name string) int {
	return slices.IndexFunc(legs, func(l leg) bool { return l.name == name })
}
