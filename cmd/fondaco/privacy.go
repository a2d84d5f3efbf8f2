package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"fondaco/messaging/embedded"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/server/letters"
	"fondaco/store"
)

// maxSubject is how many bytes the name of a person has at most.
const maxSubject = 500

// personRow is one record that is kept of a person.
type personRow struct {
	Kind    string          `json:"kind"` // operation, letter, answer or collected
	ID      string          `json:"id,omitempty"`
	Route   string          `json:"route,omitempty"`
	State   string          `json:"state,omitempty"`
	At      string          `json:"at,omitempty"` // of an operation when it was accepted, of a letter when it died
	Status  int             `json:"status,omitempty"`
	Headers [][2]string     `json:"headers,omitempty"`
	JSON    json.RawMessage `json:"json,omitempty"` // the body, if it is JSON
	Octets  []byte          `json:"octets,omitempty"`
}

// personAnswer is what came of an erasure or an export.
type personAnswer struct {
	Records    []personRow `json:"records,omitempty"` // of an export
	Operations int64       `json:"operations"`        // how many of each kind are there, or were erased
	Letters    int64       `json:"letters"`
	Answers    int64       `json:"answers"`
	Collected  int64       `json:"collected"` // messages that routes with collect have gathered
	InFlight   int64       `json:"in_flight"` // records and messages of work that has not ended
	NotReached []string    `json:"not_reached"`
}

// person reads who acts, why, and on whom: the name is the request's body, as addresses are written into logs.
func (s *storage) person(r *http.Request) (mark store.Marks, by store.Act, err error) {
	if by, err = actOf(r.URL.Query()); err != nil {
		return "", by, err
	}
	if strings.TrimSpace(by.Why) == "" {
		return "", by, usageError{errors.New(`the parameter "why" is missing: the reason for which it is done`)}
	}
	name, err := io.ReadAll(io.LimitReader(r.Body, maxSubject+1))
	if err != nil {
		return "", by, err
	}
	text := strings.TrimSpace(string(name))
	if text == "" || len(name) > maxSubject || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "", by, usageError{fmt.Errorf("found %d bytes as the name of the person, expected one line of 1 to %d bytes: a token's subject, or a fiscal code", len(name), maxSubject)}
	}
	key := s.ids()
	if len(key) == 0 {
		return "", by, errors.New("the key of the pseudonyms is not known yet: Kafka has not answered")
	}
	return store.MarkOf(key, text), by, nil
}

// beyond says where data of a person may be that neither an erasure nor an export reaches.
func (s *storage) beyond() []string {
	list := []string{
		"records that a version before these pseudonyms wrote, and those of routes with auth: none: nobody knows whose they are",
		"batches that routes with collect have closed, and their dead letters: they are of many persons and bear no pseudonym",
		"the cache, where answers stay for as long as cache: and Idempotency-Key say",
		"the systems behind the API, logs and backups",
	}
	if s.kafka != nil {
		list = append(list, "topics on Kafka, and the dead letters and states of other processes: messages there bear no pseudonym")
	}
	return list
}

// waiting counts the messages of a person that have not been worked on to their end.
func (s *storage) waiting(r *http.Request, mark store.Marks) (int64, error) {
	if b, ok := s.broker.(*embedded.Broker); ok {
		return b.Bearing(r.Context(), string(mark))
	}
	return 0, nil
}

var erasedAnswer = routes.StoredProblem(&trigger.Problem{Status: http.StatusGone, Title: "Erased", Detail: "The request was answered, and the answer was erased."})

// erasePerson removes what is kept of a person. It is in the audit before anything is removed, by pseudonym, and afterwards
// with what came of it.
func (s *storage) erasePerson(r *http.Request) (any, error) {
	mark, by, err := s.person(r)
	if err != nil {
		return nil, err
	}
	if err := letters.Audited(r.Context(), s.state.Audit(), s.log, store.AuditErase, "person "+string(mark), by); err != nil {
		return nil, err
	}
	done, err := s.state.Subjects().Erase(r.Context(), mark, erasedAnswer, by.At)
	if err != nil {
		return nil, fmt.Errorf("it ended early, do it again: %d operations, %d letters and %d answers were erased: %w", done.Operations, done.Letters, done.Answers, err)
	}
	waiting, err := s.waiting(r, mark)
	if err != nil {
		return nil, err
	}
	a := personAnswer{Operations: done.Operations, Letters: done.Letters, Answers: done.Answers, Collected: done.Collected, InFlight: done.InFlight + waiting, NotReached: s.beyond()}
	on := fmt.Sprintf("person %s: done, %d operations, %d letters, %d answers, %d collected messages; %d in flight", mark, a.Operations, a.Letters, a.Answers, a.Collected, a.InFlight)
	return a, letters.Audited(r.Context(), s.state.Audit(), s.log, store.AuditErase, on, by)
}

// exportPerson returns what is kept of a person. It is in the audit before.
func (s *storage) exportPerson(r *http.Request) (any, error) {
	mark, by, err := s.person(r)
	if err != nil {
		return nil, err
	}
	if err := letters.Audited(r.Context(), s.state.Audit(), s.log, store.AuditExport, "person "+string(mark), by); err != nil {
		return nil, err
	}
	a := personAnswer{Records: []personRow{}, NotReached: s.beyond()}
	if err := s.state.Subjects().Find(r.Context(), mark, func(one store.SubjectRecord) error {
		a.add(one)
		return nil
	}); err != nil {
		return nil, err
	}
	a.InFlight, err = s.waiting(r, mark)
	return a, err
}

// add adds a record to an export.
func (a *personAnswer) add(one store.SubjectRecord) {
	var row personRow
	body := []byte(nil)
	switch {
	case one.Operation != nil:
		o := one.Operation
		row = personRow{Kind: "operation", ID: o.ID, Route: o.Route, State: string(o.State), At: o.Created.UTC().Format(timeShown), Status: o.Answer.Status, Headers: o.Answer.Header}
		body = o.Answer.Body
		a.Operations++
	case one.Letter != nil:
		l := one.Letter
		row = personRow{Kind: "letter", ID: l.ID, Route: l.Route, State: string(l.State), At: l.Kept.UTC().Format(timeShown), Headers: l.Headers}
		body = l.Body
		a.Letters++
	case one.Answer != nil:
		row = personRow{Kind: "answer", Status: one.Answer.Status, Headers: one.Answer.Header}
		body = one.Answer.Body
		a.Answers++
	case one.Collected != nil:
		row = personRow{Kind: "collected", Route: one.Collected.Route}
		body = one.Collected.Body
		a.Collected++
	}
	if json.Valid(body) {
		row.JSON = body
	} else {
		row.Octets = body
	}
	a.Records = append(a.Records, row)
}
