package console

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"fondaco/connectors/mask"
	"fondaco/messaging"
	"fondaco/store"
)

// WholeLetter is a dead letter with its headers, and its body masked or, if that was asked for with a reason, as it is.
type WholeLetter struct {
	Letter
	First   string        `json:"first"`
	Replays int           `json:"replays"`
	At      string        `json:"at,omitempty"`
	Headers [][2]string   `json:"headers"`
	History []LetterEvent `json:"history"`
	Masked  string        `json:"masked,omitempty"` // the body for people, where it was asked for
	Body    []byte        `json:"body,omitempty"`   // base64 in JSON; revealed letters alone have it
}

// LetterEvent is a line of a letter's history.
type LetterEvent struct {
	At     string `json:"at"`
	What   string `json:"what"` // died, replayed, not-given-back, done, repeated or discarded
	Who    string `json:"who,omitempty"`
	Why    string `json:"why,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// showDead returns one letter. What is personal or secret in it by its types is hidden: revealDead shows it.
func (api *API) showDead(r *http.Request) (any, error) {
	q := r.URL.Query()
	l, err := api.State.DeadLetters().Get(r.Context(), q.Get("id"))
	if errors.Is(err, store.ErrAbsent) {
		return nil, wrongRequest{fmt.Errorf("there is no letter %q: see fondaco dead list", q.Get("id"))}
	}
	if err != nil {
		return nil, err
	}
	masked := api.Consumers.Mask(l.Topic, l.Group, l.Body)
	whole := wholeOf(l)
	whole.Key = masked.Key(l.Key)
	for i, h := range whole.Headers {
		switch {
		case h[0] == "ce_partitionkey":
			h[1] = masked.Key(h[1])
		case messaging.IsBeside(h[0]):
			h[1] = mask.Hidden
		}
		whole.Headers[i] = [2]string{h[0], masked.Text(h[1])}
	}
	if q.Get("body") == "true" {
		whole.Masked = masked.Body
	}
	return whole, nil
}

// revealDead returns one letter with its bytes as they are. Who asked for it and why is in the audit before.
func (api *API) revealDead(r *http.Request) (any, error) {
	q := r.URL.Query()
	by, err := api.actOf(q)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(by.Why) == "" {
		return nil, wrongRequest{errors.New(`the parameter "why" is missing: the reason for which citizens' data is shown`)}
	}
	l, err := api.Letters.Reveal(r.Context(), q.Get("id"), by)
	if errors.Is(err, store.ErrAbsent) {
		return nil, wrongRequest{fmt.Errorf("there is no letter %q: see fondaco dead list", q.Get("id"))}
	}
	if err != nil {
		return nil, err
	}
	whole := wholeOf(l)
	whole.Body = l.Body
	return whole, nil
}

func wholeOf(l store.DeadLetter) WholeLetter {
	whole := WholeLetter{Letter: rowOf(l), First: l.First.UTC().Format(timeShown), Replays: l.Replays, Headers: l.Headers}
	if !l.At.IsZero() {
		whole.At = l.At.UTC().Format(timeShown)
	}
	for _, e := range l.History {
		whole.History = append(whole.History, LetterEvent{e.At.UTC().Format(timeShown), e.What, e.Who, e.Why, e.Detail})
	}
	return whole
}

// String returns the line as it is shown.
func (e LetterEvent) String() string {
	line := e.At + " " + e.What
	if e.Who != "" {
		line += " by " + e.Who
	}
	for _, text := range []string{e.Why, e.Detail} {
		if text != "" {
			line += ": " + text
		}
	}
	return line
}

const timeShown = "2006-01-02T15:04:05Z07:00"
