package pages

import (
	"errors"
	"net/url"
	"slices"
	"strconv"

	"fondaco/console"
	"fondaco/routes/letters"
)

// deadPage are the causes of dead letters.
type deadPage struct {
	list[console.Cause]
	Letters int64
}

// dead groups the letters that wait by where and why they died.
func (s *site) dead(v *visit) (any, error) {
	causes, err := ask[[]console.Cause](v.r.Context(), v, "GET "+console.CausesPath, url.Values{"limit": {"1000"}})
	if err != nil {
		return nil, err
	}
	p := deadPage{list: part(v, causes, func(c console.Cause) []string { return []string{c.Route, c.Topic, c.Group, c.Reason} })}
	for _, c := range causes {
		p.Letters += c.Letters
	}
	return p, nil
}

// CauseAddress is where the letters of a cause are.
func (*visit) CauseAddress(c console.Cause) string { return causeAddress(c) }

// LetterAddress is where a letter is.
func (*visit) LetterAddress(id string) string { return address(Root+"dead/letter", "id", id) }

// filterNames are the parameters that choose letters.
var filterNames = []string{"topic", "group", "route", "reason", "id", "state"}

// filterOf returns those of a request that choose letters.
func filterOf(q url.Values) url.Values {
	f := url.Values{}
	for _, name := range filterNames {
		for _, value := range q[name] {
			if value != "" {
				f.Add(name, value)
			}
		}
	}
	return f
}

// causePage are the letters of one cause, and what may be done with them.
type causePage struct {
	console.Letters
	Filter                      [][2]string // what chooses the letters, for the forms
	Topic, Group, Route, Reason string
	Next                        string
	Once                        []string // calls of the route that a replay makes again
	Known                       bool     // the route is in service
}

func (s *site) cause(v *visit) (any, error) {
	f := filterOf(v.query)
	q := cloned(f)
	q.Set("limit", strconv.Itoa(shown))
	q.Set("after", v.query.Get("after"))
	found, err := ask[console.Letters](v.r.Context(), v, "GET "+console.DeadPath, q)
	if err != nil {
		return nil, err
	}
	p := &causePage{Letters: found, Topic: f.Get("topic"), Group: f.Get("group"), Route: f.Get("route"), Reason: f.Get("reason")}
	p.Filter = pairs(f)
	if r := find(v, p.Route); r != nil {
		p.Known, p.Once = true, once(r)
	}
	if found.After != "" {
		next := cloned(f)
		next.Set("after", found.After)
		p.Next = Root + "dead/cause?" + next.Encode()
	}
	return p, nil
}

func cloned(q url.Values) url.Values {
	c := url.Values{}
	for name, values := range q {
		c[name] = slices.Clone(values)
	}
	return c
}

// pairs are the parameters in an order that stays.
func pairs(q url.Values) (all [][2]string) {
	for _, name := range filterNames {
		for _, value := range q[name] {
			all = append(all, [2]string{name, value})
		}
	}
	return all
}

// letterPage is one letter, masked, and what may be done with it.
type letterPage struct {
	console.WholeLetter
	Filter [][2]string
	Total  int64
	Once   []string
	Known  bool
	Route  string
}

// Waits reports whether the letter waits for an operator.
func (p *letterPage) Waits() bool { return p.State == "waiting" }

func (s *site) letter(v *visit) (any, error) {
	id := v.query.Get("id")
	if v.api == nil || id == "" {
		return nil, missing{errors.New(v.T("letter.none"))}
	}
	whole, err := ask[console.WholeLetter](v.r.Context(), v, "GET "+console.LetterPath, url.Values{"id": {id}, "body": {"true"}})
	if err != nil {
		return nil, err
	}
	p := &letterPage{WholeLetter: whole, Filter: [][2]string{{"id", id}, {"state", "waiting"}}, Total: 1, Route: whole.Route}
	if r := find(v, whole.Route); r != nil {
		p.Known, p.Once = true, once(r)
	}
	return p, nil
}

// actedPage says what came of a replay or a discard.
type actedPage struct {
	console.Acted
	Back string
}

// Ends are what was done, as lines of the table of texts, with how many letters.
func (p *actedPage) Ends() (all []ended) {
	for key, n := range map[string]*int64{"acted.replayed": p.Replayed, "acted.discard": p.Discarded, "acted.closed": p.Closed} {
		if n != nil {
			all = append(all, ended{key, *n})
		}
	}
	return all
}

// ended is one of them.
type ended struct {
	Key     string
	Letters int64
}

// Few are the first letters that were passed over.
func (p *actedPage) Few() []letters.Refusal { return p.Refused[:min(len(p.Refused), shown)] }

// act asks the API for what a form says, with who asked for it and why.
func (s *site) act(what string) func(v *visit) (any, error) {
	return func(v *visit) (any, error) {
		if v.api == nil {
			return nil, missing{errors.New(v.T("keeps.nothing"))}
		}
		q := filterOf(v.query)
		for _, name := range []string{"who", "why", "expect", "outcome"} {
			if value := v.query.Get(name); value != "" {
				q.Set(name, value)
			}
		}
		acted, err := ask[console.Acted](v.r.Context(), v, what, q)
		if err != nil {
			return nil, err
		}
		back := filterOf(v.query)
		back.Del("state")
		return &actedPage{Acted: acted, Back: Root + "dead/cause?" + back.Encode()}, nil
	}
}
