package console

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"fondaco/store"
	"fondaco/store/traces"
)

// TracesPath is where the story of a request, an operation or a message is asked for, by the parameter find.
const TracesPath = "/admin/traces"

// Story is what is known of the exchanges that belong to one trace, or to several: which followed from which, in the order of their times.
// No value of a message is in it.
type Story struct {
	Find string `json:"find"`
	Hops []Hop  `json:"hops"`
	// Operations are those accepted requests of the story that the state still knows.
	Operations []Operation `json:"operations"`
	Letters    []Letter    `json:"letters"` // that messages of the story became
	Recorded   bool        `json:"recorded"`
}

// Hop is one exchange: a request, or one attempt of the work on a message. Its ids that somebody else chose are keyed hashes, which begin
// with "~".
type Hop struct {
	Depth     int       `json:"depth"` // how many exchanges it follows from
	Kind      string    `json:"kind"`  // request, accepted or message
	Route     string    `json:"route"`
	Topic     string    `json:"topic,omitempty"`
	Group     string    `json:"group,omitempty"`
	Request   string    `json:"request_id,omitempty"`
	Operation string    `json:"operation,omitempty"`
	Message   string    `json:"message,omitempty"`
	Trace     string    `json:"trace"`
	Span      string    `json:"span"`
	Parent    string    `json:"parent,omitempty"`
	Release   string    `json:"release,omitempty"` // when the project that served it came into service
	At        time.Time `json:"at"`
	Ms        float64   `json:"ms"`
	Status    int       `json:"status,omitempty"`
	Outcome   string    `json:"outcome,omitempty"` // of a message: done, again, waits, dead, cancelled, superseded or panicked
	Attempt   int       `json:"attempt,omitempty"`
	Fault     string    `json:"fault,omitempty"`
	Waits     *Retry    `json:"waits,omitempty"` // for its next attempt, with others of its route
	Steps     []HopStep `json:"steps"`
}

// HopStep is one attempt of a call, or an event that was published.
type HopStep struct {
	Place     string  `json:"place"`     // in the project, FILE:LINE:COLUMN
	Operation string  `json:"operation"` // SYSTEM.OPERATION, or the topic
	Effect    string  `json:"effect"`    // once, idempotent or read; publish
	Message   string  `json:"message,omitempty"`
	Attempt   int     `json:"attempt"`
	After     float64 `json:"after_ms"` // since the hop began
	Ms        float64 `json:"ms"`
	Fault     string  `json:"fault,omitempty"`
}

// maxFind is how many bytes an id has at most.
const maxFind = 500

// mostLooked bounds how many operations, letters and groups of a story are looked up.
const mostLooked = 50

// findTrace answers the story of an id.
func (api *API) findTrace(r *http.Request) (any, error) {
	find := strings.TrimSpace(r.URL.Query().Get("find"))
	if find == "" || len(find) > maxFind {
		return nil, wrongRequest{fmt.Errorf("find: found %d characters, expected the id of a request, a trace, an operation or a message",
			len(find))}
	}
	all, err := api.Traces.Find(r.Context(), find)
	if err != nil {
		return nil, err
	}
	s := &Story{Find: find, Hops: treeOf(all), Operations: []Operation{}, Letters: []Letter{}, Recorded: api.Traces != nil}
	if err := api.joinOperations(r.Context(), s); err != nil {
		return nil, err
	}
	if err := api.joinLetters(r.Context(), s); err != nil {
		return nil, err
	}
	api.joinWaits(s)
	return s, nil
}

// treeOf puts exchanges, which are in the order of their times, after those that they follow from.
func treeOf(all []traces.Exchange) []Hop {
	at := map[[8]byte]int{}
	for i := range all {
		at[all[i].Span] = i
	}
	below := map[int][]int{}
	for i := range all {
		from, known := at[all[i].Parent]
		if !known || from == i {
			from = -1
		}
		below[from] = append(below[from], i)
	}
	hops := make([]Hop, 0, len(all))
	told := make([]bool, len(all))
	var tell func(i, depth int)
	tell = func(i, depth int) {
		if told[i] {
			return
		}
		told[i] = true
		hops = append(hops, hopOf(&all[i], depth))
		for _, next := range below[i] {
			tell(next, depth+1)
		}
	}
	for _, i := range below[-1] {
		tell(i, 0)
	}
	for i := range all { // those that follow from each other in a circle, which nobody honest makes
		tell(i, 0)
	}
	return hops
}

func hopOf(x *traces.Exchange, depth int) Hop {
	h := Hop{
		Depth: depth, Kind: x.Kind, Route: x.Route, Topic: x.Topic, Group: x.Group, Request: x.Request, Operation: x.Operation,
		Message: x.Message, Trace: hex.EncodeToString(x.Trace[:]), Span: hex.EncodeToString(x.Span[:]), Release: x.Release, At: x.Began,
		Ms:     msOf(x.Took),
		Status: x.Status, Outcome: x.Outcome, Attempt: x.Attempt, Fault: x.Fault, Steps: []HopStep{},
	}
	if x.Parent != [8]byte{} {
		h.Parent = hex.EncodeToString(x.Parent[:])
	}
	for _, s := range x.Steps {
		name := s.System + "." + s.Operation
		if s.Effect == traces.Publishes {
			name = s.Operation
		}
		h.Steps = append(h.Steps, HopStep{s.Place, name, s.Effect, s.Message, s.Attempt, msOf(s.After), msOf(s.Took), s.Fault})
	}
	return h
}

func msOf(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// joinOperations adds what the state knows of the operations, that of the id itself too, which may be older than what is recorded.
func (api *API) joinOperations(ctx context.Context, s *Story) error {
	ids := []string{s.Find}
	for _, h := range s.Hops {
		if h.Operation != "" && !slices.Contains(ids, h.Operation) && len(ids) < mostLooked {
			ids = append(ids, h.Operation)
		}
	}
	for _, id := range ids {
		op, err := api.State.Operations().Get(ctx, id)
		if errors.Is(err, store.ErrAbsent) {
			continue
		}
		if err != nil {
			return err
		}
		s.Operations = append(s.Operations, operationOf(op))
	}
	return nil
}

// joinLetters adds the letters that messages of the story became: the last attempt of each was one that ended.
func (api *API) joinLetters(ctx context.Context, s *Story) error {
	looked := map[[2]string]bool{}
	for _, h := range s.Hops {
		group := [2]string{h.Topic, h.Group}
		if h.Kind != traces.Message || h.Outcome == "done" || looked[group] || len(looked) >= mostLooked {
			continue
		}
		looked[group] = true
		after := ""
		for range 10 { // pages
			f := store.LetterFilter{Topic: h.Topic, Group: h.Group, Since: h.At.Add(-time.Minute)}
			list, err := api.State.DeadLetters().List(ctx, f, 500, after)
			if err != nil {
				return err
			}
			for _, l := range list {
				if slices.ContainsFunc(s.Hops, func(h Hop) bool { return h.Trace == l.Trace }) {
					row := rowOf(l)
					row.Key = api.Consumers.Key(l.Topic, l.Group, l.Key)
					s.Letters = append(s.Letters, row)
				}
				after = l.Cursor
			}
			if len(list) < 500 {
				break
			}
		}
	}
	return nil
}

// joinWaits says of the last attempts on messages that come again when that is.
func (api *API) joinWaits(s *Story) {
	if api.Retrying == nil {
		return
	}
	waiting := api.Retrying()
	for i := range s.Hops {
		h := &s.Hops[i]
		again := h.Outcome == "again" || h.Outcome == "waits"
		later := slices.ContainsFunc(s.Hops, func(o Hop) bool {
			return o.Message == h.Message && o.Topic == h.Topic && o.Group == h.Group && o.At.After(h.At)
		})
		if h.Kind != traces.Message || !again || later ||
			slices.ContainsFunc(s.Letters, func(l Letter) bool { return l.Topic == h.Topic && l.Group == h.Group && l.Trace == h.Trace }) {
			continue
		}
		for _, w := range retriesOf(waiting, Topic{Topic: h.Topic, Group: h.Group}) {
			if strings.HasPrefix(h.Fault, w.On+" ") || strings.HasPrefix(h.Fault, w.On+".") {
				h.Waits = &w
			}
		}
	}
}
