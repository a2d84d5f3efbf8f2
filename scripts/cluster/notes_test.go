package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// tick is where what the schedule asks for is noted.
const tick = "/tick/"

// inHand bounds what the nodes have in hand of each kind, which is begun again by the next where its partition moves and it does not end
// within moments: their workers, and for a batch its messages.
var inHand = map[string]int{"/order/": 3 * 4, "/gathered/": 3 * 4 * 5, tick: 3}

// notes is the system: how often it was asked for what.
type notes struct {
	mu   sync.Mutex
	made map[string]int
}

func (n *notes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	n.made[r.URL.Path]++
	n.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}"))
}

func (n *notes) all() map[string]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.made)
}

func (n *notes) times(what string) int { return n.all()[what] }

// again returns how often something of a kind was asked for that had been before.
func (n *notes) again(prefix string) (sum int) {
	for what, times := range n.all() {
		if strings.HasPrefix(what, prefix) {
			sum += times - 1
		}
	}
	return sum
}

func (n *notes) count(prefix string) (sum int) {
	for what := range n.all() {
		if strings.HasPrefix(what, prefix) {
			sum++
		}
	}
	return sum
}

// gap says which run of the schedule is missing between two others; "" if none is.
func (n *notes) gap() string {
	var before time.Time
	for _, what := range slices.Sorted(maps.Keys(n.all())) { // times of one form sort as they follow each other
		at, is := strings.CutPrefix(what, tick)
		if !is {
			continue
		}
		due, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return err.Error()
		}
		if !before.IsZero() && due.Sub(before) != time.Second {
			return fmt.Sprintf("no tick came between %s and %s", before, due)
		}
		before = due
	}
	return ""
}
