package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/letters"
	"fondaco/store"
	"fondaco/store/traces"
)

// API is the operators' API of a project that keeps something. Its fields are set before Pages is called, and stay. Safe for
// concurrent use, as what its fields are.
type API struct {
	State    store.Store
	Intents  store.Intents
	Broker   messaging.Broker
	Shared   bool // topics are on a cluster, which other processes of the project use too
	OneState bool // the state is that of all processes of the project
	Letters  *letters.Desk
	Log      *slog.Logger
	Clock    config.Clock // of what operators do

	Releases  Releases // nil where none is kept
	Consumers Consumers
	Restored  Restored
	Copies    AnswerCopies // nil where processes share no answers
	Fit       Fit          // nil where it is not looked at
	Seals     store.Seals  // of what waits on Kafka; nil where that is not encrypted

	// States says how the work of each route of this process stands: working, paused, ended or held. Nil before it serves.
	States func() map[string]string

	// Watches says how the watches of this process stand, by route. Nil where there are none.
	Watches func() []Watch

	// Retrying says what waits for its next attempt after a system failed it, in this process. Nil where nothing is worked on.
	Retrying func() []messaging.Retrying

	// Withdraw calls do while no work on the request of an operation can begin; store.ErrBegun if it is being worked on.
	Withdraw func(id string, do func() error) error

	// Stranded counts what waits on topics for nobody.
	Stranded func(ctx context.Context) ([]messaging.Count, error)

	// LetGo removes a group that no route is, and the messages that only it lacked.
	LetGo func(ctx context.Context, c messaging.Count) error

	// Traces is where what exchanges did is recorded; nil for nowhere.
	Traces *traces.Store

	// IDs returns the key of the pseudonyms of persons, nil while it is not known.
	IDs func() []byte
}

// Consumers knows which route works on the messages of a topic for a group.
type Consumers interface {
	// Route names it, "" for a group of others.
	Route(topic, group string) string
	// Accepts reports whether the messages are accepted requests.
	Accepts(topic, group string) bool
	// Joined returns the group that a group is by now: most are themselves.
	Joined(topic, group string) string
	// Mask returns a body as people see it who gave no reason.
	Mask(topic, group string, body []byte) routes.Masked
	// Key returns a message's key as people see it who gave no reason.
	Key(topic, group, key string) string
}

// Fit knows which operations have no request, and which requests no operation.
type Fit interface {
	// Look compares anew, and reports whether something does not fit.
	Look(ctx context.Context) (bool, error)
	// Misfits says what was found last, by topic.
	Misfits() map[string]string
	// Lost returns the ids of a route's operations whose request is nowhere.
	Lost(route string) []string
	// End ends operations that are lost as failed, and notes who asked for it.
	End(ctx context.Context, ids []string) error
}

// Restored knows whether the state was restored from a backup.
type Restored interface {
	// Now returns the latest restore, the zero value if there was none.
	Now() store.Restored
	// Release starts what was held since, and returns it as it was before and as it is. It is in the audit before.
	Release(ctx context.Context, by store.Act, notDone bool) (was, is store.Restored, err error)
}

// AnswerCopies are what processes share of answers under an Idempotency-Key.
type AnswerCopies interface {
	// Find calls each with the copies that bear a mark.
	Find(ctx context.Context, mark store.Marks, now time.Time, each func(store.Answer)) error
	// Erase puts another answer in the place of the copies that bear a mark, and returns how many there were.
	Erase(ctx context.Context, mark store.Marks, instead store.Answer, now time.Time) (int64, error)
}

// wrongRequest is an error of whoever asks: it is answered 422.
type wrongRequest struct{ error }

// call answers one request of the operators' API.
type call func(r *http.Request) (any, error)

// calls are what can be asked for, by method and path.
func (api *API) calls() map[string]call {
	return map[string]call{
		"GET " + TopicsPath: api.listTopics, "POST " + ForgetPath: api.forget, "GET " + DeadPath: api.listDead, "GET " + LetterPath: api.showDead,
		"POST " + RevealPath: api.revealDead, "GET " + AuditPath: api.listAudit, "POST " + ErasePath: api.erasePerson, "POST " +
			ExportPath: api.exportPerson, "GET " + VerifyPath: api.verifyAudit, "POST " + ReplayPath: api.replay, "POST " + DiscardPath: api.discard,
		"POST " + ReleasePath: api.release, "GET " + CausesPath: api.listCauses, "GET " + OperationsPath: api.listOperations,
		"GET " + WatchesPath: api.listWatches, "GET " + TracesPath: api.findTrace, "GET " + ReleasesPath: api.listReleases,
		"POST " + RollbackPath: api.rollBack, "POST " + RollbackEndPath: api.endRollback,
	}
}

// Ask answers what the API answers to a request of a method and a path, as "GET /admin/topics", with these parameters: the console's
// pages have no other way to what is kept. IsWrong says whose fault an error is.
func (api *API) Ask(ctx context.Context, what string, q url.Values) (any, error) {
	f := api.calls()[what]
	if f == nil {
		return nil, fmt.Errorf("the operators' API has no %s", what)
	}
	method, path, _ := strings.Cut(what, " ")
	r, err := http.NewRequestWithContext(ctx, method, path+"?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	return f(r)
}

// IsWrong reports whether an error is of whoever asks, who can ask otherwise.
func IsWrong(err error) bool {
	var wrong wrongRequest
	return errors.As(err, &wrong)
}

// Pages returns the pages of the operators' API. It is for this machine alone: the console's listener is not public.
func (api *API) Pages() map[string]http.Handler {
	guard := http.NewCrossOriginProtection()
	pages := map[string]http.Handler{}
	for path, f := range api.calls() {
		pages[path] = guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v, err := f(r)
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			if err != nil {
				status := http.StatusServiceUnavailable
				if IsWrong(err) {
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
