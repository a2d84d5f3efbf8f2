package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"fondaco/config/diag"
	"fondaco/routes/letters"
	"fondaco/store"
)

// The paths of the operators' API on the console's listener.
const (
	TopicsPath  = "/admin/topics"
	ForgetPath  = "/admin/topics/forget"
	WatchesPath = "/admin/watches"
	DeadPath    = "/admin/dead"
	CausesPath  = "/admin/dead/causes"
	LetterPath  = "/admin/dead/letter"
	RevealPath  = "/admin/dead/reveal"
	ReplayPath  = "/admin/dead/replay"
	DiscardPath = "/admin/dead/discard"
	AuditPath   = "/admin/audit"
	VerifyPath  = "/admin/audit/verify"
	ReleasePath = "/admin/release"

	ReleasesPath    = "/admin/releases"
	RollbackPath    = "/admin/releases/rollback"
	RollbackEndPath = "/admin/releases/end"

	ErasePath  = "/admin/privacy/erase"
	ExportPath = "/admin/privacy/export"

	OperationsPath = "/admin/operations"
)

// Letter is a dead letter as it is shown: without headers and body.
type Letter struct {
	ID       string `json:"id"`
	Topic    string `json:"topic"`
	Group    string `json:"group"`
	Route    string `json:"route"`
	Key      string `json:"key,omitempty"`
	Message  string `json:"message"`
	Place    string `json:"place,omitempty"`
	Reason   string `json:"reason"`
	Detail   string `json:"detail"`
	Trace    string `json:"trace,omitempty"`
	Attempts int    `json:"attempts"`
	Kept     string `json:"kept"`
	State    string `json:"state"`
	Result   string `json:"result,omitempty"` // of the latest replay
	By       string `json:"by,omitempty"`
	Size     int64  `json:"size"`
}

// Letters is a list of dead letters.
type Letters struct {
	Total   int64    `json:"total"` // of all that the filter finds
	Letters []Letter `json:"letters"`
	After   string   `json:"after,omitempty"` // what to ask for as after to go on, "" at the end
}

// filterOf reads which letters are meant.
func filterOf(q url.Values) (store.LetterFilter, error) {
	f := store.LetterFilter{
		Topic: q.Get("topic"), Group: q.Get("group"), Route: q.Get("route"), Reason: q.Get("reason"), Key: q.Get("key"),
		IDs: q["id"], State: store.LetterWaiting,
	}
	switch state := q.Get("state"); state {
	case "":
		if len(f.IDs) > 0 { // what is named is meant, however it stands
			f.State = ""
		}
	case "all":
		f.State = ""
	case string(store.LetterWaiting), string(store.LetterReplaying), string(store.LetterReplayed), string(store.LetterDiscarded):
		f.State = store.LetterState(state)
	default:
		return f, wrongRequest{fmt.Errorf("found the state %q, expected waiting, replaying, replayed, discarded or all", state)}
	}
	for name, to := range map[string]*time.Time{"since": &f.Since, "until": &f.Until} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return f, wrongRequest{fmt.Errorf("%s: found %q, expected a date and time as 2026-01-31T09:00:00Z", name, text)}
		}
		*to = t
	}
	return f, nil
}

func (api *API) listDead(r *http.Request) (any, error) {
	f, err := filterOf(r.URL.Query())
	if err != nil {
		return nil, err
	}
	limit := 100
	if text := r.URL.Query().Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > 10_000 {
			return nil, wrongRequest{fmt.Errorf("limit: found %q, expected 1 to 10000", text)}
		}
	}
	list, err := api.State.DeadLetters().List(r.Context(), f, limit, r.URL.Query().Get("after"))
	if err != nil {
		return nil, err
	}
	total := int64(len(list))
	if len(list) == limit || r.URL.Query().Get("after") != "" { // else these are all: counted anew there could be one more
		n, err := api.State.DeadLetters().Count(r.Context(), f)
		if err != nil {
			return nil, err
		}
		total = max(total, n)
	}
	rows := []Letter{}
	for _, l := range list {
		row := rowOf(l)
		row.Key = api.Consumers.Key(l.Topic, l.Group, l.Key)
		rows = append(rows, row)
	}
	answer := Letters{Total: total, Letters: rows}
	if len(list) == limit {
		answer.After = list[limit-1].Cursor
	}
	return answer, nil
}

func rowOf(l store.DeadLetter) Letter {
	return Letter{
		ID: l.ID, Topic: l.Topic, Group: l.Group, Route: l.Route, Key: l.Key, Message: l.MessageID, Place: l.Place, Reason: l.Reason,
		Detail: l.Detail, Trace: l.Trace,
		Attempts: l.Attempts, Kept: l.Kept.UTC().Format(time.RFC3339), State: string(l.State), Result: string(l.Result), By: l.By, Size: l.Size,
	}
}

// maxWhy is how many bytes of a cause are kept with a letter.
const maxWhy = 500

// actOf reads who acts, and why.
func (api *API) actOf(q url.Values) (store.Act, error) {
	by := store.Act{Who: q.Get("who"), Why: q.Get("why"), At: api.Clock.Now()}
	if by.Who == "" {
		return by, wrongRequest{errors.New(`the parameter "who" is missing: every act says who asked for it`)}
	}
	for name, text := range map[string]string{"who": by.Who, "why": by.Why} {
		if len(text) > maxWhy || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			return by, wrongRequest{fmt.Errorf("%s: found %d bytes, expected at most %d of UTF-8 without control characters", name, len(text),
				maxWhy)}
		}
	}
	return by, nil
}

// counted reads a filter, and holds what it finds against what the operator expects: a replay or a discard acts on the
// letters that were counted, or on none.
func (api *API) meant(r *http.Request) (f store.LetterFilter, by store.Act, err error) {
	q := r.URL.Query()
	if f, err = filterOf(q); err != nil {
		return f, by, err
	}
	if by, err = api.actOf(q); err != nil {
		return f, by, err
	}
	n, err := api.State.DeadLetters().Count(r.Context(), f)
	if err != nil {
		return f, by, err
	}
	if expect := q.Get("expect"); expect != strconv.FormatInt(n, 10) {
		return f, by, wrongRequest{fmt.Errorf("found %s, expected %s: count them again", diag.Counted(n, "letter"), expect)}
	}
	return f, by, nil
}

// Acted is the answer to a replay or a discard.
type Acted struct {
	Replayed  *int64            `json:"replayed,omitempty"`
	Discarded *int64            `json:"discarded,omitempty"`
	Closed    *int64            `json:"closed,omitempty"`
	Passed    int64             `json:"passed"`            // how many letters were passed over
	Refused   []letters.Refusal `json:"refused,omitempty"` // those and why, the first 1000 of them
	Error     string            `json:"error,omitempty"`   // why it ended before its end
}

// replay puts letters back on their topics under the ids that their messages had, for the groups where they died.
func (api *API) replay(r *http.Request) (any, error) {
	f, by, err := api.meant(r)
	if err != nil {
		return nil, err
	}
	switch word := r.URL.Query().Get("outcome"); word {
	case "":
	case "not-done":
		by.NotDone = true
	case "done":
		if len(f.IDs) == 0 {
			return nil, wrongRequest{errors.New("outcome=done closes letters that are named; expected ids")}
		}
		o, err := api.Letters.Close(r.Context(), f, by)
		return Acted{Closed: &o.Done, Passed: o.Passed, Refused: o.Refused, Error: textOf(err)}, nil
	default:
		return nil, wrongRequest{fmt.Errorf("outcome: found %q, expected done or not-done", word)}
	}
	o, err := api.Letters.Replay(r.Context(), f, by)
	return Acted{Replayed: &o.Done, Passed: o.Passed, Refused: o.Refused, Error: textOf(err)}, nil
}

func (api *API) discard(r *http.Request) (any, error) {
	f, by, err := api.meant(r)
	if err != nil {
		return nil, err
	}
	o, err := api.Letters.Discard(r.Context(), f, by)
	return Acted{Discarded: &o.Done, Passed: o.Passed, Refused: o.Refused, Error: textOf(err)}, nil
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
