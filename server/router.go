package server

import (
	"fmt"
	"slices"
	"strings"

	"fondaco/routes"
	"fondaco/server/auth"
	"fondaco/store"
)

// methods are those that routes answer, in the order in which Allow lists them.
var methods = [...]string{"GET", "POST", "PUT", "PATCH", "DELETE"}

// router finds the route of a request. Paths come decoded and checked by the door.
type router struct {
	fixed [len(methods)]map[string]*bound // paths without holes
	trees [len(methods)]node              // the others
	pages []page
	byID  map[string]*bound
}

// named returns the route of an id, nil if there is none.
func (t *router) named(id string) *bound { return t.byID[id] }

// node is a place in a tree of path segments.
type node struct {
	fixed map[string]*node
	hole  *node
	route *bound
}

// bound is a route with what a request of it needs, looked up once.
type bound struct {
	*routes.Route
	scheme  auth.Scheme
	holes   int
	metrics *routeMetrics
	limit   []string // the value of X-RateLimit-Limit; nil without a limit
	rate    store.Rate
}

func methodIndex(method string) int {
	switch method {
	case "GET", "HEAD":
		return 0
	case "POST":
		return 1
	case "PUT":
		return 2
	case "PATCH":
		return 3
	case "DELETE":
		return 4
	}
	return -1
}

// add takes in a route; two routes of the same method must not fit the same paths alike.
func (t *router) add(b *bound) error {
	m := slices.Index(methods[:], b.Method)
	if m < 0 || !strings.HasPrefix(b.Path, "/") {
		return fmt.Errorf("route %s: %q %q is not a method and a path", b.ID, b.Method, b.Path)
	}
	if t.byID == nil {
		t.byID = map[string]*bound{}
	}
	t.byID[b.ID] = b
	for _, name := range b.Former {
		if t.byID[name] == nil {
			t.byID[name] = b
		}
	}
	b.holes = strings.Count(b.Path, "{")
	if b.holes == 0 {
		if t.fixed[m] == nil {
			t.fixed[m] = map[string]*bound{}
		}
		if other := t.fixed[m][b.Path]; other != nil {
			return fmt.Errorf("route %s: %s %s is taken by route %s", b.ID, b.Method, b.Path, other.ID)
		}
		t.fixed[m][b.Path] = b
	}
	n := &t.trees[m]
	for segment := range strings.SplitSeq(b.Path[1:], "/") {
		next := n.hole
		if !strings.HasPrefix(segment, "{") {
			next = n.fixed[segment]
		}
		if next == nil {
			next = &node{}
			if strings.HasPrefix(segment, "{") {
				n.hole = next
			} else {
				if n.fixed == nil {
					n.fixed = map[string]*node{}
				}
				n.fixed[segment] = next
			}
		}
		n = next
	}
	if n.route != nil {
		return fmt.Errorf("route %s: %s %s is taken by route %s", b.ID, b.Method, b.Path, n.route.ID)
	}
	n.route = b
	return nil
}

// find returns the route for a method and a path, and the values of its holes; nil if there is none.
func (t *router) find(m int, path string) (*bound, []string) {
	if b := t.fixed[m][path]; b != nil {
		return b, nil
	}
	return t.trees[m].find(path[1:], 0)
}

// find goes down the tree, fixed segments before holes. holes counts those on the way here.
func (n *node) find(rest string, holes int) (*bound, []string) {
	segment, after, more := strings.Cut(rest, "/")
	if next := n.fixed[segment]; next != nil {
		if more {
			if b, values := next.find(after, holes); b != nil {
				return b, values
			}
		} else if next.route != nil {
			return next.route, room(holes)
		}
	}
	if n.hole == nil || segment == "" {
		return nil, nil
	}
	b, values := n.hole.route, []string(nil)
	if more {
		b, values = n.hole.find(after, holes+1)
	} else if b != nil {
		values = room(holes + 1)
	}
	if b != nil {
		values[holes] = segment
	}
	return b, values
}

func room(n int) []string {
	if n == 0 {
		return nil
	}
	return make([]string, n)
}

// allow lists the methods that a path answers, as the header Allow has them; "" if there is no such path.
func (t *router) allow(path string) string {
	var names []string
	for m, name := range methods {
		if b, _ := t.find(m, path); b != nil {
			names = append(names, name)
			if name == "GET" {
				names = append(names, "HEAD")
			}
		}
	}
	if names == nil {
		return ""
	}
	return strings.Join(append(names, "OPTIONS"), ", ")
}
