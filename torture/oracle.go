package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// request is what a client knows of one order.
type request struct {
	ID, Key string
	Number  int       // its place in the order of its key, from 1: the next is sent when this one was told 202
	Direct  bool      `json:",omitempty"` // it is done at once, not accepted
	Foreign bool      `json:",omitempty"` // it is a record of a program that is not ours: told where it stands in its topic
	Told    bool      `json:"-"`          // 202 was heard
	At      time.Time `json:"-"`          // when
	Refused bool      `json:"-"`          // 422 was heard: it must have no effect
	Back    bool      `json:"-"`          // a person gave it back to be done, later than others of its key
	// a letter or an answer says that nobody knows whether it took effect: what it must have is not known
	Doubtful bool   `json:"-"`
	Location string `json:"-"` // where its operation is told of
}

// effect is what the system saw.
type effect struct {
	Leg, ID, Key string
	Number       int
	Run          string // which process of the engine asked for it
	At           time.Time
}

// disturbance is what may double effects, and by how many of each leg.
type disturbance struct {
	What     string
	Run      string // of a process that was killed: effects of it and of a later one
	From, To time.Time
	Bound    map[string]int // by leg; of an outage for each second, and once more
	Lag      time.Duration  // what the killed run did that long before its end may be doubled too: nobody had heard of it
}

// most is how many effects of a leg it may double. Work that meets an outage begins again each second.
func (d disturbance) most(leg string) int {
	if d.Run != "" {
		return d.Bound[leg]
	}
	return d.Bound[leg] * (1 + int((d.To.Sub(d.From)+time.Second-1)/time.Second))
}

// verdict is what the ledgers tell.
type verdict struct {
	Told, Effects int
	Lost          int // told 202, and an effect lacks
	Waiting       int // likewise, where nobody waited for what was accepted to be done
	Phantom       int // an effect of what nobody sent, or was refused
	Inversions    int // a first effect before that of an earlier order of its key
	Duplicates    int // effects seen before
	Excess        int // of these, those that no disturbance explains, or beyond its bound
	Worst         int // the most that one disturbance doubled of one leg
	Notes         []string
}

func (v *verdict) note(count *int, format string, args ...any) {
	*count++
	if *count <= 10 {
		v.Notes = append(v.Notes, fmt.Sprintf(format, args...))
	}
}

// flawed reports whether a promise was broken.
func (v *verdict) flawed() bool { return v.Lost+v.Phantom+v.Inversions+v.Excess > 0 }

func (v *verdict) String() string {
	waiting := ""
	if v.Waiting > 0 {
		waiting = fmt.Sprintf("waiting %d ", v.Waiting)
	}
	return waiting + fmt.Sprintf("lost %d phantom %d inversions %d duplicates %d", v.Lost, v.Phantom, v.Inversions, v.Duplicates)
}

// slack is how much later than its process's end an effect may reach the system: what was on the wire.
const slack = time.Second

// judge holds the ledgers against each other. effects are in the order in which the system saw them. It is pure.
func judge(legs []leg, requests map[string]*request, effects []effect, all []disturbance) *verdict {
	v := &verdict{Effects: len(effects)}
	first := map[[2]string]effect{} // by leg and id
	furthest := map[[2]string]int{} // by leg and key
	doubled := map[string]int{}     // by disturbance and leg
	recent := map[string]int{}      // effects within a disturbance's lag, likewise
	for i, d := range all {
		for _, e := range effects {
			if d.Lag > 0 && e.Run == d.Run && e.At.After(d.From.Add(-d.Lag)) {
				recent[fmt.Sprint(i, " ", e.Leg)]++
			}
		}
	}
	for _, e := range effects {
		if r := requests[e.ID]; r == nil || r.Refused || r.Key != e.Key || r.Number != e.Number || !expects(legs, e.Leg, r) {
			v.note(&v.Phantom, "phantom: %s of %s (%s %d) was never asked for", e.Leg, e.ID, e.Key, e.Number)
			continue
		}
		what, lane := [2]string{e.Leg, e.ID}, [2]string{e.Leg, e.Key}
		before, again := first[what]
		if !again {
			first[what] = e
			if requests[e.ID].Back {
				continue
			}
			if e.Number < furthest[lane] && !unordered(legs, e.Leg) {
				v.note(&v.Inversions, "inversion: %s of %s came first after number %d of its key", e.Leg, e.ID, furthest[lane])
			}
			furthest[lane] = max(furthest[lane], e.Number)
			continue
		}
		v.Duplicates++
		i := slices.IndexFunc(all, func(d disturbance) bool { return d.explains(before, e) })
		if i < 0 {
			v.note(&v.Excess, "doubled: %s of %s, by %s at %s and by %s at %s, with nothing between that explains it", e.Leg, e.ID,
				before.Run, before.At.Format(clock), e.Run, e.At.Format(clock))
		} else {
			name := fmt.Sprint(i, " ", e.Leg)
			doubled[name]++
			v.Worst = max(v.Worst, doubled[name])
			if bound := all[i].most(e.Leg) + recent[name]; doubled[name] > bound {
				v.note(&v.Excess, "doubled: %s of %s, by %s: more than the %d that could be in flight", e.Leg, e.ID, all[i].What, bound)
			}
		}
		first[what] = e // the next repetition needs a cause of its own
	}
	ids := make([]string, 0, len(requests))
	for id := range requests {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, strings.Compare)
	for _, id := range ids {
		if !requests[id].Told {
			continue
		}
		v.Told++
		if requests[id].Doubtful {
			continue
		}
		for _, l := range legs {
			if _, there := first[[2]string{l.name, id}]; !there && l.expects(requests[id]) {
				v.note(&v.Lost, "lost: %s was answered 202, and its %s did not come", id, l.name)
			}
		}
	}
	return v
}

const clock = "15:04:05.000"

// explains reports whether an effect may have been asked for twice because of the disturbance.
func (d disturbance) explains(a, b effect) bool {
	if d.Run != "" && a.Run == "" && b.Run == "" { // nobody knows who told it
		return !d.From.Before(a.At.Add(-slack)) && d.From.Before(b.At)
	}
	if d.Run != "" {
		return a.Run != b.Run && (a.Run == d.Run || b.Run == d.Run && a.At.Add(-slack).Before(d.From)) // the wire may turn them round
	}
	from, to := a.At, b.At
	if cmp.Compare(from.UnixNano(), to.UnixNano()) > 0 {
		from, to = to, from
	}
	return from.Before(d.To) && to.After(d.From)
}
