package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"fondaco/config/diag"
	"fondaco/routes"
	"fondaco/routes/letters"
	"fondaco/routes/trigger"
	"fondaco/store"
)

// MaxSubject is how many bytes the name of a person has at most.
const MaxSubject = 500

// PersonRecord is one record that is kept of a person.
type PersonRecord struct {
	Kind    string          `json:"kind"` // operation, letter, answer, copy, collected, request or message
	ID      string          `json:"id,omitempty"`
	Route   string          `json:"route,omitempty"`
	Topic   string          `json:"topic,omitempty"`
	State   string          `json:"state,omitempty"`
	At      string          `json:"at,omitempty"` // of an operation when it was accepted, of a letter when it died
	Status  int             `json:"status,omitempty"`
	Headers [][2]string     `json:"headers,omitempty"`
	JSON    json.RawMessage `json:"json,omitempty"` // the body, if it is JSON
	Octets  []byte          `json:"octets,omitempty"`
	Request *PersonRequest  `json:"request,omitempty"` // of an accepted request what is kept beside its body
}

// PersonRequest is what is kept of an accepted request beside its body.
type PersonRequest struct {
	Path    []string        `json:"path,omitempty"`
	Query   string          `json:"query,omitempty"`
	Headers [][2]string     `json:"headers,omitempty"`
	Caller  json.RawMessage `json:"caller,omitempty"`
}

// body takes up the body of a record.
func (r *PersonRecord) body(body []byte) {
	if json.Valid(body) {
		r.JSON = body
	} else {
		r.Octets = body
	}
}

// PersonAnswer is what came of an erasure or an export.
type PersonAnswer struct {
	Records    []PersonRecord `json:"records,omitempty"` // of an export
	Operations int64          `json:"operations"`        // how many of each kind are there, or were erased
	Letters    int64          `json:"letters"`
	Answers    int64          `json:"answers"`
	Collected  int64          `json:"collected"` // messages that routes with collect have gathered
	Messages   int64          `json:"messages"`  // on embedded topics, which wait
	Copies     int64          `json:"copies"`    // of answers, which processes share by the cache
	Divided    int64          `json:"divided"`   // batches, and letters of batches, that hold others' messages alone since
	Cancelled  int64          `json:"cancelled"` // operations that were ended
	DataKeys   int64          `json:"data_keys"` // that were destroyed, of encrypted messages on Kafka
	InFlight   int64          `json:"in_flight"` // records and messages that are being worked on
	NotReached []string       `json:"not_reached"`
}

// person reads who acts, why, and on whom: the name is the request's body, as addresses are written into logs.
func (api *API) person(r *http.Request) (mark store.Marks, by store.Act, err error) {
	if by, err = api.actOf(r.URL.Query()); err != nil {
		return "", by, err
	}
	if strings.TrimSpace(by.Why) == "" {
		return "", by, wrongRequest{errors.New(`the parameter "why" is missing: the reason for which it is done`)}
	}
	name, err := io.ReadAll(io.LimitReader(r.Body, MaxSubject+1))
	if err != nil {
		return "", by, err
	}
	text := strings.TrimSpace(string(name))
	if text == "" || len(name) > MaxSubject || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "", by, wrongRequest{fmt.Errorf("found %d bytes as the name of the person, expected one line of 1 to %d bytes: a token's "+
			"subject, or a fiscal code", len(name), MaxSubject)}
	}
	key := api.IDs()
	if len(key) == 0 {
		return "", by, errors.New("the key of the pseudonyms is not known yet: Kafka has not answered")
	}
	return store.MarkOf(key, text), by, nil
}

// reachedOnKafka is what an erasure, or else an export, leaves of encrypted messages there.
var reachedOnKafka = map[bool]string{
	true:  "on Kafka declared topics, which are not encrypted",
	false: "topics on Kafka: requests that wait there, events on declared topics, batches of a route with collect",
}

// beyond says where data of a person may be that neither an erasure nor an export reaches.
func (api *API) beyond(erase bool) []string {
	list := []string{
		"records that a version before these pseudonyms wrote, of routes with auth: none, of watches that name no person: nobody " +
			"knows whose they are",
		"what a route with collect has sent on or published for a whole batch: it is of many persons",
		"the cache, where answers of systems stay for as long as cache: says",
		"the systems behind the API, logs and backups",
	}
	if api.Copies != nil && !api.Shared {
		list = append(list, "the states of other processes, and the answers that they gave: erase there too")
	}
	if api.Seals != nil {
		list = append(list, reachedOnKafka[erase])
	} else if api.Shared && api.OneState {
		list = append(list, "topics on Kafka")
	} else if api.Shared {
		list = append(list, "topics on Kafka, and the dead letters and states of other processes: erase there too, but for the topics")
	}
	return list
}

var erasedAnswer = routes.StoredProblem(&trigger.Problem{
	Status: http.StatusGone, Title: "Erased",
	Detail: "The request was answered, and the answer was erased.",
})

// erasePerson removes what is kept of a person. It is in the audit before anything is removed, by pseudonym, and afterwards
// with what came of it.
func (api *API) erasePerson(r *http.Request) (any, error) {
	mark, by, err := api.person(r)
	if err != nil {
		return nil, err
	}
	if err := letters.Audited(r.Context(), api.State.Audit(), api.Log, store.AuditErase, "person "+string(mark), by); err != nil {
		return nil, err
	}
	a := PersonAnswer{NotReached: api.beyond(true)}
	if err := api.erase(r.Context(), mark, by.At, &a); err != nil {
		return nil, fmt.Errorf("it ended early, do it again: %s were erased: %w", a.Done(), err)
	}
	on := fmt.Sprintf("person %s: done, %s; %d operations cancelled, %d batches divided; %d in flight",
		mark, a.Done(), a.Cancelled, a.Divided, a.InFlight)
	if api.Seals != nil {
		on += fmt.Sprintf("; %d data keys destroyed", a.DataKeys)
	}
	return a, letters.Audited(r.Context(), api.State.Audit(), api.Log, store.AuditErase, on, by)
}

// erase removes what is kept of a person, and counts it.
func (api *API) erase(ctx context.Context, mark store.Marks, now time.Time, a *PersonAnswer) (err error) {
	if a.Divided, err = api.divideLetters(ctx, mark); err != nil {
		return err
	}
	done, err := api.State.Subjects().Erase(ctx, mark, erasedAnswer, now)
	a.Operations, a.Letters, a.Answers, a.Collected = done.Operations, done.Letters, done.Answers, done.Collected
	if err != nil {
		return err
	}
	// The operations that are cancelled now stay until they are told: their ends are asked for by their ids.
	w, err := api.eraseWaiting(ctx, mark, now)
	a.Messages, a.Cancelled, a.Divided, a.InFlight = w.messages, w.cancelled, a.Divided+w.divided, done.InFlight-w.cancelled+w.left
	if err == nil && api.Seals != nil {
		a.DataKeys, err = api.Seals.Shred(ctx, mark)
	}
	if err != nil || api.Copies == nil {
		return err
	}
	a.Copies, err = api.Copies.Erase(ctx, mark, erasedAnswer, now)
	return err
}

// Done says how much was erased.
func (a *PersonAnswer) Done() string {
	return fmt.Sprintf("%s, %s, %s, %s of answers, %d collected and %s", diag.Counted(a.Operations, "operation"),
		diag.Counted(a.Letters, "letter"), diag.Counted(a.Answers, "answer"), diag.Counted(a.Copies, "copy"), a.Collected,
		diag.Counted(a.Messages, "waiting message"))
}

// exportPerson returns what is kept of a person. It is in the audit before.
func (api *API) exportPerson(r *http.Request) (any, error) {
	mark, by, err := api.person(r)
	if err != nil {
		return nil, err
	}
	if err := letters.Audited(r.Context(), api.State.Audit(), api.Log, store.AuditExport, "person "+string(mark), by); err != nil {
		return nil, err
	}
	a := PersonAnswer{Records: []PersonRecord{}, NotReached: api.beyond(false)}
	if err := api.State.Subjects().Find(r.Context(), mark, func(one store.SubjectRecord) error {
		a.add(one, mark)
		return nil
	}); err != nil {
		return nil, err
	}
	if err := a.exportWaiting(r.Context(), api.Broker, mark); err != nil || api.Copies == nil {
		return a, err
	}
	err = api.Copies.Find(r.Context(), mark, by.At, func(one store.Answer) {
		row := PersonRecord{Kind: "copy", Status: one.Status, Headers: one.Header}
		row.body(one.Body)
		a.Records = append(a.Records, row)
		a.Copies++
	})
	return a, err
}

// add adds a record to an export.
func (a *PersonAnswer) add(one store.SubjectRecord, mark store.Marks) {
	var row PersonRecord
	switch {
	case one.Operation != nil:
		o := one.Operation
		row = PersonRecord{
			Kind: "operation", ID: o.ID, Route: o.Route, State: string(o.State), At: o.Created.UTC().Format(timeShown),
			Status: o.Answer.Status, Headers: o.Answer.Header,
		}
		row.body(o.Answer.Body)
		a.Operations++
	case one.Letter != nil:
		l := one.Letter
		row = PersonRecord{Kind: "letter", ID: l.ID, Route: l.Route, Topic: l.Topic, State: string(l.State), Headers: l.Headers}
		row.At = l.Kept.UTC().Format(timeShown)
		row.holds(messageOf(*l), mark)
		a.Letters++
	case one.Answer != nil:
		row = PersonRecord{Kind: "answer", Status: one.Answer.Status, Headers: one.Answer.Header}
		row.body(one.Answer.Body)
		a.Answers++
	case one.Collected != nil:
		row = PersonRecord{Kind: "collected", Route: one.Collected.Route}
		row.body(one.Collected.Body)
		a.Collected++
	}
	a.Records = append(a.Records, row)
}
