package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"fondaco/console"
	"fondaco/messaging"
	"fondaco/routes/letters"
)

// Pages returns the pages of the operators' API of a project that keeps nothing but answers under an Idempotency-Key: of these what is a
// person's is found and erased, and the audit is read. They open the state, as a request that brings a key does.
func (k *Keys) Pages(log *slog.Logger) map[string]http.Handler {
	pages := map[string]http.Handler{}
	for pattern := range (&console.API{}).Pages() {
		pages[pattern] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			api, err := k.api(r.Context(), log)
			if err != nil {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusServiceUnavailable)
				_ = json.NewEncoder(w).Encode(map[string]any{"title": err.Error(), "status": http.StatusServiceUnavailable})
				return
			}
			api.Pages()[pattern].ServeHTTP(w, r)
		})
	}
	return pages
}

// API returns the operators' API of the state as it is, nil while nothing was ever kept.
func (k *Keys) API(ctx context.Context, log *slog.Logger) (*console.API, error) {
	if !k.there() {
		return nil, nil
	}
	return k.api(ctx, log)
}

// api returns the API of the state as it is.
func (k *Keys) api(ctx context.Context, log *slog.Logger) (*console.API, error) {
	s, err := k.ready(ctx, k.clock.Now())
	if err != nil {
		return nil, err
	}
	secret, err := k.secret(ctx)
	if err != nil {
		return nil, err
	}
	was := &restored{kept: s.Restores(), audit: s.Audit(), log: log}
	if err := was.look(ctx); err != nil {
		return nil, err
	}
	consumers, nowhere := &consuming{}, messaging.None(errNoTopics)
	return &console.API{
		State: s, Intents: s.Intents(), Broker: nowhere, Clock: k.clock,
		OneState: k.shared, Log: log, Consumers: consumers, Restored: was, Copies: k.copies,
		Letters: letters.New(s, nowhere, consumers.Route, k.clock, log),
		States:  func() map[string]string { return nil },
		// Nothing is worked on.
		Withdraw: func(_ string, do func() error) error { return do() },
		Stranded: func(context.Context) ([]messaging.Count, error) { return nil, nil },
		LetGo:    func(context.Context, messaging.Count) error { return errNoTopics },
		IDs:      func() []byte { return secret },
	}, nil
}

// secret returns the key of the pseudonyms, which is asked for once.
func (k *Keys) secret(ctx context.Context) ([]byte, error) {
	if known := k.known.Load(); known != nil {
		return *known, nil
	}
	s, err := k.ready(ctx, k.clock.Now())
	if err != nil {
		return nil, err
	}
	secret, err := s.Secret(ctx)
	if err != nil {
		return nil, fmt.Errorf("the key of the pseudonyms: %w", err)
	}
	k.known.Store(&secret)
	return secret, nil
}

// Pseudonyms returns the key of the pseudonyms of callers; nil while the state cannot say it, so that nothing is kept either. It opens the
// state.
func (k *Keys) Pseudonyms() []byte {
	ctx, cancel := context.WithTimeout(context.Background(), learnAgain)
	defer cancel()
	secret, _ := k.secret(ctx) // whoever keeps something with it meets the error
	return secret
}

// Run removes what is kept no longer, until ctx ends, also where no request brings a key any more.
func (k *Keys) Run(ctx context.Context) {
	tick := time.NewTicker(sweepKeys)
	defer tick.Stop()
	for {
		if k.there() {
			_, _ = k.ready(ctx, k.clock.Now()) // requests that bring a key say what is wrong
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

var errNoTopics = errors.New("the project has no topics")
