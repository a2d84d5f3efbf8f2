package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The files of a round's ledgers: what clients sent and were told, what the system saw happen, and what was done to the
// engine.
const (
	clientsFile = "clients.jsonl"
	systemFile  = "system.jsonl"
	deedsFile   = "deeds.jsonl"
)

// entry is a line of a ledger.
type entry struct {
	What     string       `json:"what"`
	At       time.Time    `json:"at"`
	ID       string       `json:"id,omitempty"`
	Place    string       `json:"place,omitempty"`
	Text     string       `json:"text,omitempty"`
	Request  *request     `json:"request,omitempty"`
	Effect   *effect      `json:"effect,omitempty"`
	Cause    *disturbance `json:"cause,omitempty"`
	Number   int          `json:"number,omitempty"` // of a disturbance that is over
	Scenario string       `json:"scenario,omitempty"`
	Storage  string       `json:"storage,omitempty"`
}

// What an entry may say.
const (
	wasSent     = "sent"
	wasTold     = "told"
	wasRefused  = "refused"
	wasDoubted  = "doubtful" // somebody who may know says that nobody knows what became of it
	wasDecided  = "decided"  // a doubtful order was given back to be done
	wasOdd      = "odd"      // an answer that no client may get
	wasTaken    = "effect"
	roundBegan  = "round"
	disturbed   = "disturbance"
	disturbOver = "over"
	wasSettled  = "settled" // all that was accepted had its time to be done
)

// books are the entries of a round's ledgers, added up: what the oracle goes by.
type books struct {
	scenario, storage string
	requests          map[string]*request
	effects           []effect
	causes            []disturbance
	odd               []string
	settled           bool
}

func newBooks() books { return books{requests: map[string]*request{}} }

// enter adds an entry. It returns an error for one that does not fit those before it.
func (b *books) enter(e entry) error {
	r := b.requests[e.ID]
	switch e.What {
	case wasTold, wasRefused, wasDoubted, wasDecided:
		if r == nil {
			return fmt.Errorf("%q of %q, which nobody sent", e.What, e.ID)
		}
	case wasSent, wasTaken, disturbed:
		if e.Request == nil && e.Effect == nil && e.Cause == nil {
			return fmt.Errorf("an empty %q", e.What)
		}
	case disturbOver:
		if e.Number < 0 || e.Number >= len(b.causes) {
			return fmt.Errorf("disturbance %d is over, and never was", e.Number)
		}
	}
	switch e.What {
	case wasSent:
		sent := *e.Request
		b.requests[sent.ID] = &sent
	case wasTold:
		r.Told, r.At, r.Location = true, e.At, e.Place
	case wasRefused:
		r.Refused = true
	case wasDoubted:
		r.Doubtful = true
	case wasDecided:
		r.Doubtful, r.Back = false, true
	case wasOdd:
		b.odd = append(b.odd, e.Text)
	case wasTaken:
		b.effects = append(b.effects, *e.Effect)
	case roundBegan:
		b.scenario, b.storage = e.Scenario, e.Storage
	case disturbed:
		b.causes = append(b.causes, *e.Cause)
	case disturbOver:
		b.causes[e.Number].To = e.At
	case wasSettled:
		b.settled = true
	default:
		return fmt.Errorf("an entry of an unknown kind %q", e.What)
	}
	return nil
}

// readBooks adds up what the files of a folder hold. The program that wrote them may have died meanwhile: a last line that is
// not whole does not count.
func readBooks(dir string) (*books, error) {
	b := newBooks()
	for _, name := range []string{deedsFile, clientsFile, systemFile} {
		if err := b.read(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	if b.scenario == "" {
		return nil, fmt.Errorf("%s does not say of which scenario it is", filepath.Join(dir, deedsFile))
	}
	return &b, nil
}

func (b *books) read(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewReader(f)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		var e entry
		if err == nil {
			err = json.Unmarshal(line, &e)
		}
		if err == nil {
			err = b.enter(e)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", file, n, err)
		}
	}
}

// judge is the oracle's word. Where nobody waited for what was accepted to be done, what lacks is not lost: it waits.
func (b *books) judge(legs []leg) *verdict {
	v := judge(legs, b.requests, b.effects, b.causes)
	if !b.settled {
		v.Waiting, v.Lost = v.Lost, 0
		for i, n := range v.Notes {
			if of, found := strings.CutPrefix(n, "lost: "); found {
				v.Notes[i] = "waits: " + of
			}
		}
	}
	v.Notes = append(v.Notes, b.odd[:min(10, len(b.odd))]...)
	return v
}
