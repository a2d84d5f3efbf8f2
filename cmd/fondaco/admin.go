package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/user"
	"strconv"
	"time"

	"fondaco/messaging"
	"fondaco/store"
)

// The paths of the operators' API on the console's listener.
const (
	topicsPath  = "/admin/topics"
	deadPath    = "/admin/dead"
	letterPath  = "/admin/dead/letter"
	replayPath  = "/admin/dead/replay"
	discardPath = "/admin/dead/discard"
)

// letterRow is a dead letter as it is shown: without headers and body.
type letterRow struct {
	ID       string `json:"id"`
	Topic    string `json:"topic"`
	Group    string `json:"group"`
	Route    string `json:"route"`
	Key      string `json:"key,omitempty"`
	Message  string `json:"message"`
	Reason   string `json:"reason"`
	Detail   string `json:"detail"`
	Trace    string `json:"trace,omitempty"`
	Attempts int    `json:"attempts"`
	Kept     string `json:"kept"`
	State    string `json:"state"`
	By       string `json:"by,omitempty"`
	Size     int64  `json:"size"`
}

// admin gives the pages of the operators' API. It is for this machine alone: the console's listener is not public.
func (s *storage) admin() map[string]http.Handler {
	guard := http.NewCrossOriginProtection()
	pages := map[string]http.Handler{}
	for path, f := range map[string]func(r *http.Request) (any, error){
		"GET " + topicsPath: s.listTopics, "GET " + deadPath: s.listDead, "GET " + letterPath: s.showDead, "POST " + replayPath: s.replay, "POST " + discardPath: s.discard,
	} {
		pages[path] = guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v, err := f(r)
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			if err != nil {
				status := http.StatusServiceUnavailable
				var wrong usageError
				if errors.As(err, &wrong) {
					status = http.StatusUnprocessableEntity
				}
				w.WriteHeader(status)
				v = map[string]any{"title": err.Error(), "status": status}
			}
			_ = json.NewEncoder(w).Encode(v)
		}))
	}
	return pages
}

// filterOf reads which letters are meant.
func filterOf(q url.Values) (store.LetterFilter, error) {
	f := store.LetterFilter{Topic: q.Get("topic"), Group: q.Get("group"), Route: q.Get("route"), Reason: q.Get("reason"), Key: q.Get("key"), IDs: q["id"], State: store.LetterWaiting}
	switch state := q.Get("state"); state {
	case "", string(store.LetterWaiting):
	case "all":
		f.State = ""
	case string(store.LetterReplayed), string(store.LetterDiscarded):
		f.State = store.LetterState(state)
	default:
		return f, usageError{fmt.Errorf("found the state %q, expected waiting, replayed, discarded or all", state)}
	}
	for name, to := range map[string]*time.Time{"since": &f.Since, "until": &f.Until} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return f, usageError{fmt.Errorf("%s: found %q, expected a date and time as 2026-01-31T09:00:00Z", name, text)}
		}
		*to = t
	}
	return f, nil
}

func (s *storage) listDead(r *http.Request) (any, error) {
	f, err := filterOf(r.URL.Query())
	if err != nil {
		return nil, err
	}
	limit := 100
	if text := r.URL.Query().Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > 10_000 {
			return nil, usageError{fmt.Errorf("limit: found %q, expected 1 to 10000", text)}
		}
	}
	list, err := s.state.DeadLetters().List(r.Context(), f, limit, "")
	if err != nil {
		return nil, err
	}
	total, err := s.state.DeadLetters().Count(r.Context(), f)
	if err != nil {
		return nil, err
	}
	rows := []letterRow{}
	for _, l := range list {
		rows = append(rows, rowOf(l))
	}
	return map[string]any{"total": total, "letters": rows}, nil
}

func rowOf(l store.DeadLetter) letterRow {
	return letterRow{
		ID: l.ID, Topic: l.Topic, Group: l.Group, Route: l.Route, Key: l.Key, Message: l.MessageID, Reason: l.Reason, Detail: l.Detail, Trace: l.Trace,
		Attempts: l.Attempts, Kept: l.Kept.UTC().Format(time.RFC3339), State: string(l.State), By: l.By, Size: l.Size,
	}
}

// counted reads a filter, and holds what it finds against what the operator expects: a replay or a discard acts on the
// letters that were counted, or on none.
func (s *storage) counted(r *http.Request) (f store.LetterFilter, who string, n int64, err error) {
	q := r.URL.Query()
	if f, err = filterOf(q); err != nil {
		return f, "", 0, err
	}
	if who = q.Get("who"); who == "" {
		return f, "", 0, usageError{errors.New("who is missing: every replay and discard says who asked for it")}
	}
	if n, err = s.state.DeadLetters().Count(r.Context(), f); err != nil {
		return f, who, 0, err
	}
	if expect := q.Get("expect"); expect != strconv.FormatInt(n, 10) {
		return f, who, n, usageError{fmt.Errorf("%d letters are meant, expected %s: count them again", n, expect)}
	}
	return f, who, n, nil
}

// replay gives letters back to their topics under the ids that their messages had. A group that handled a message before
// does not handle it again.
func (s *storage) replay(r *http.Request) (any, error) {
	f, who, _, err := s.counted(r)
	if err != nil {
		return nil, err
	}
	done, after := int64(0), ""
	for {
		list, err := s.state.DeadLetters().List(r.Context(), f, 100, after)
		if err != nil || len(list) == 0 {
			return map[string]any{"replayed": done}, err
		}
		for _, l := range list {
			after = l.Cursor
			if err := s.giveBack(r.Context(), l.ID, who); err != nil {
				return nil, fmt.Errorf("%d were replayed, then: %w", done, err)
			}
			done++
		}
	}
}

func (s *storage) giveBack(ctx context.Context, id, who string) error {
	l, err := s.state.DeadLetters().Get(ctx, id)
	if err != nil {
		return err
	}
	headers := make([]messaging.Attribute, len(l.Headers))
	for i, h := range l.Headers {
		headers[i] = messaging.Attribute{Name: h[0], Value: h[1]}
	}
	m, flaw := messaging.Read(headers, l.Body, l.First)
	if flaw != nil {
		return fmt.Errorf("the letter %s cannot be replayed: %w", id, flaw)
	}
	if err := messaging.Publish(ctx, s.broker, l.Topic, m); err != nil {
		return err
	}
	_, err = s.state.DeadLetters().Replayed(ctx, []string{id}, who, time.Now())
	return err
}

func (s *storage) discard(r *http.Request) (any, error) {
	f, who, _, err := s.counted(r)
	if err != nil {
		return nil, err
	}
	n, err := s.state.DeadLetters().Discard(r.Context(), f, who, time.Now())
	return map[string]any{"discarded": n}, err
}

// me names who runs a command.
func me() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "operator"
}
