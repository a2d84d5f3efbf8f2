package store

import "time"

// Retention says how long what is kept of one route stays. Zero fields are as Limits say.
type Retention struct {
	Route      string        // its name as it stands in records; "" for all that no other Retention names
	Letters    time.Duration // dead letters, from when they died
	Operations time.Duration // operations that have ended, from their last change
	Results    time.Duration // what those answered, likewise; 0 for as long as the operation
}

// Retentions finds the retention of each route, with what Limits say filled in.
type Retentions struct {
	limits Limits
	all    map[string]Retention
}

// RetentionsOf returns the retentions of a list, in which no route comes twice.
func RetentionsOf(list []Retention, l Limits) Retentions {
	r := Retentions{limits: l.Filled(), all: map[string]Retention{}}
	for _, one := range list {
		r.all[one.Route] = one
	}
	return r
}

// Of returns the retention of a route: no field is zero.
func (r Retentions) Of(route string) Retention {
	one, found := r.all[route]
	if !found {
		one = r.all[""]
	}
	one.Route = route
	if one.Letters == 0 {
		one.Letters = r.limits.Letters
	}
	if one.Operations == 0 {
		one.Operations = r.limits.Operations
	}
	if one.Results == 0 || one.Results > one.Operations {
		one.Results = one.Operations
	}
	return one
}

// Letters returns how long any dead letter is kept: what a replay of it needs stays for as long.
func (r Retentions) Letters() time.Duration {
	most := r.Of("").Letters
	for route := range r.all {
		most = max(most, r.Of(route).Letters)
	}
	return most
}
