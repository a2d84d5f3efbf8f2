package server

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/callback"
	"fondaco/routes/trigger"
	"fondaco/server/auth"
	"fondaco/store"
)

// OperationsPath is where the state of accepted requests is asked for, by their ids.
const OperationsPath = "/operations/"

const (
	claimLease  = time.Minute    // how long the acceptance of a request may take
	claimKeep   = 24 * time.Hour // how long an Idempotency-Key is known
	askAgain    = "1"            // seconds after which a state is asked for again
	notStored   = "The request could not be kept. Send it again."
	maybeStored = "It is not known whether the request was kept. Send it again with the same Idempotency-Key."
)

// errNoSecret is why a request under a key is not kept while its id cannot be made.
var errNoSecret = errors.New("the secret that the project's processes share is not known yet: Kafka has not answered")

// accept keeps a request that is done later: 202 comes only once it is on durable storage.
func (v *visit) accept(ctx context.Context, req *trigger.Request, user *auth.User) {
	t := v.s.topics
	if t.Broker == nil || t.Operations == nil {
		v.problem(&trigger.Problem{Status: http.StatusServiceUnavailable, Detail: "There is no storage for asynchronous requests."})
		return
	}
	owner, key := v.owner(user), v.r.Header.Get("Idempotency-Key")
	if user != nil && t.Secret != nil && len(t.Secret()) == 0 { // nobody would find it who looks for what is kept of the caller
		v.unkept(errNoSecret, notStored)
		return
	}
	id := strings.ToLower(rand.Text())
	var token int64
	if key != "" {
		secret := t.Secret()
		if len(secret) == 0 {
			v.unkept(errNoSecret, notStored)
			return
		}
		claim, problem := v.claim(key, owner, req.Body, claimLease)
		claim.Marks = v.marks(user)
		if problem != nil {
			v.problem(problem)
			return
		}
		r, err := t.Idempotency.Reserve(ctx, claim, v.s.clock.Now())
		if err != nil {
			v.unkept(err, notStored)
			return
		}
		switch r.State {
		case store.Mismatch:
			v.refuse(http.StatusUnprocessableEntity, "This Idempotency-Key was already used with a different request.")
			return
		case store.Running:
			if !v.s.accepting.abandoned(claim, v.s.clock.Now().Sub(r.Since), 0) {
				v.w.Header()["Retry-After"] = []string{askAgain}
				v.refuse(http.StatusConflict, "The request of this Idempotency-Key is being accepted.")
				return
			}
		case store.Answered:
			v.stored(r.Answer)
			return
		}
		// Where the outcome is unknown the same id is accepted again, and done once.
		if r.State != store.Running {
			token = r.Token
		}
		id = operationID(secret, claim)
		defer v.s.accepting.begin(claim)()
	}
	answer, problem := v.keep(ctx, id, owner, v.marks(user), req)
	if problem != nil {
		if token != 0 && problem.Status < 500 {
			_ = t.Idempotency.Release(context.WithoutCancel(ctx), token)
		}
		v.problem(problem)
		return
	}
	if token != 0 {
		if err := t.Idempotency.Record(context.WithoutCancel(ctx), token, answer, v.s.clock.Now()); err != nil {
			v.s.log.Error("an Idempotency-Key could not be recorded: the request is kept all the same", "route", v.route.ID, "error", err)
		}
	}
	v.stored(answer)
}

// keep makes the operation and its message durable, in this order: of a request that was only half kept nobody has heard
// 202, and it is never begun.
func (v *visit) keep(ctx context.Context, id, owner string, marks store.Marks, req *trigger.Request) (store.Answer, *trigger.Problem) {
	t := v.s.topics
	a, err := v.route.Accept(ctx, id, req)
	if err != nil {
		return store.Answer{}, problemOf(err)
	}
	now := v.s.clock.Now()
	op := store.Operation{
		ID: id, Route: v.route.ID, Owner: owner, State: store.Accepted, Created: now, Updated: now, ReplyTo: a.ReplyTo,
		Marks: marks,
	}
	extensions, err := routes.TraceExtensions(v.trace)
	if err != nil {
		return store.Answer{}, unkept(err, notStored)
	}
	err = t.Operations.Create(ctx, op)
	fresh := err == nil
	if errors.Is(err, store.ErrExists) {
		err = v.anew(ctx, id, now)
	}
	if err != nil {
		return store.Answer{}, unkept(err, notStored)
	}
	m := messaging.Message{
		ID: id, Key: a.Key, Type: routes.AcceptedType, Source: routes.AcceptedSource(v.route.ID), Time: now, ContentType: "application/json",
		Body:       a.Body,
		Extensions: extensions,
	}
	if err := messaging.Publish(ctx, t.Broker, a.Topic, m); err != nil {
		if fresh && !errors.Is(err, messaging.ErrUnknown) && (t.Alone || ctx.Err() == nil) { // it is certain that it is not there
			v.unmade(ctx, id, now)
		}
		if errors.Is(err, messaging.ErrTooLarge) {
			return store.Answer{}, &trigger.Problem{
				Status: http.StatusRequestEntityTooLarge, Detail: "The request is larger than what can be kept.",
				Err: err,
			}
		}
		why := notStored
		if errors.Is(err, messaging.ErrUnknown) || errors.Is(err, context.DeadlineExceeded) {
			why = maybeStored
		}
		return store.Answer{}, unkept(err, why)
	}
	v.accepted = id
	body, _ := json.Marshal(map[string]string{"id": id, "state": string(store.Accepted)})
	answer := store.Answer{
		Status: http.StatusAccepted, Body: body,
		Header: [][2]string{{"Content-Type", "application/json"}, {"Location", v.base + OperationsPath + id}, {"Retry-After", askAgain}},
	}
	if a.Correlate {
		answer.Header = append(answer.Header, [2]string{callback.CorrelationHeader, id})
	}
	return answer, nil
}

// unmadeAnswer is the result of an operation whose request could not be kept. Who sent it has heard so.
var unmadeAnswer = routes.StoredProblem(&trigger.Problem{
	Status: http.StatusServiceUnavailable, Title: "Not kept",
	Detail: "The request could not be kept: " + routes.SendAgain,
})

// unmade ends an operation whose request was not kept, so that it does not count as one that waits.
func (v *visit) unmade(ctx context.Context, id string, now time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := v.s.topics.Operations.Set(ctx, id, store.Failed, 0, unmadeAnswer, now); err != nil {
		v.s.log.Error("an operation whose request could not be kept cannot be ended", "operation", id, "error", err)
	}
}

// anew has an operation wait again whose request is accepted once more, as it was not kept the first time. One whose work has failed
// stays failed: its request was kept, and that it comes again has no effect.
func (v *visit) anew(ctx context.Context, id string, now time.Time) error {
	op, err := v.s.topics.Operations.Get(ctx, id)
	if err != nil || op.State != store.Failed || !routes.IsToBeSentAgain(op.Answer) {
		return err
	}
	return v.s.topics.Operations.Set(ctx, id, store.Accepted, 0, store.Answer{}, now)
}

func unkept(err error, why string) *trigger.Problem {
	return &trigger.Problem{Status: http.StatusServiceUnavailable, Title: "Not kept", Detail: why, RetryAfter: 2 * time.Second, Err: err}
}

func (v *visit) unkept(err error, why string) { v.problem(unkept(err, why)) }

// owner reports who may ask for an operation: a hash of the caller, "" where anybody calls.
func (v *visit) owner(user *auth.User) string {
	if user == nil || v.route.Auth.None {
		return ""
	}
	return ownerOf(v.route.Auth.Scheme, user)
}

// ownerOf returns the hash of a caller who is known by a scheme.
func ownerOf(scheme string, user *auth.User) string {
	sum := sha256.Sum256([]byte(scheme + "\x00" + user.Value.Get("subject").Str()))
	return hex.EncodeToString(sum[:16])
}

// fingerprint is what a repeated request must have in common with the first.
func fingerprint(r *http.Request, body []byte) [32]byte {
	h := sha256.New()
	for _, part := range []string{r.Method, decoded(r.URL), r.URL.RawQuery} {
		_, _ = h.Write([]byte(part))
		_, _ = h.Write([]byte{0})
	}
	if to := r.Header.Get(callback.ReplyToHeader); to != "" { // who is told elsewhere asks for something else
		_, _ = h.Write([]byte(to))
		_, _ = h.Write([]byte{0})
	}
	_, _ = h.Write(body)
	return [32]byte(h.Sum(nil))
}

// whole returns a body as it is compared with that of a repetition: without the boundary of its parts, which callers make up each time.
func (v *visit) whole(body []byte) []byte {
	if !v.route.Form {
		return body
	}
	_, params, err := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return body
	}
	return bytes.ReplaceAll(body, []byte("--"+params["boundary"]), []byte("--"))
}

// claim is what a request asks of an Idempotency-Key. Callers who are known have keys of their own, and another request
// under one is refused. Of those who are not known nobody can tell whose a key is: it stands for this very request, and has
// to be hard to guess.
func (v *visit) claim(key, owner string, body []byte, lease time.Duration) (store.Claim, *trigger.Problem) {
	c := store.Claim{Scope: v.route.Kept() + " " + owner, Key: key, Body: fingerprint(v.r, v.whole(body)), Lease: lease, Keep: claimKeep}
	if owner == "" {
		if len(key) < leastAnonymousKey {
			return c, &trigger.Problem{Status: http.StatusBadRequest, Errors: []trigger.Invalid{
				{Parameter: "Idempotency-Key", Detail: "expected at least " + strconv.Itoa(leastAnonymousKey) +
					" characters that nobody can guess, as a random UUID: the caller is not known"},
			}}
		}
		c.Scope += " " + hex.EncodeToString(c.Body[:])
	}
	return c, nil
}

// leastAnonymousKey is how many characters an Idempotency-Key has at least whose caller is not known.
const leastAnonymousKey = 16

// operationID returns the id of the operation of a key: the same for every repetition, and nobody else can work it out.
func operationID(secret []byte, c store.Claim) string {
	h := hmac.New(sha256.New, secret)
	_, _ = h.Write([]byte(c.Scope + "\x00" + c.Key + "\x00"))
	_, _ = h.Write(c.Body[:])
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// stored answers with what is kept.
func (v *visit) stored(a store.Answer) {
	seen := map[string]bool{}
	for _, h := range a.Header {
		name := http.CanonicalHeaderKey(h[0])
		if !seen[name] { // in the place of the server's own; a route may set several cookies
			v.w.Header().Del(name)
			seen[name] = true
		}
		v.w.Header().Add(name, h[1])
	}
	body := a.Body
	if v.w.Header().Get("Content-Type") == trigger.ProblemType { // it was kept in English
		body = v.language.Stored(body)
	}
	v.write(a.Status, body)
}
