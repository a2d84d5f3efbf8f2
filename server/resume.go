package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/store"
)

// exchangeOf returns the id of the exchange of a request under a key, the same for every repetition: for a route with a call
// that can be asked about when it was begun and its process was killed. "" for any other.
func (v *visit) exchangeOf(c store.Claim) (string, *trigger.Problem) {
	t := v.s.topics
	if !v.route.Inquires || t.Intents == nil {
		return "", nil
	}
	if t.Secret == nil { // nothing is accepted or published: nobody sees the id
		sum := sha256.Sum256([]byte(c.Scope + "\x00" + c.Key + "\x00" + string(c.Body[:])))
		return store.LocalExchange + hex.EncodeToString(sum[:16]), nil
	}
	secret := t.Secret()
	if len(secret) == 0 {
		return "", unkept(errNoSecret, notStored)
	}
	return store.LocalExchange + operationID(secret, c), nil
}

// resume answers the repetition of a request whose first exchange never ended. Where it had begun a call, and the system can
// be asked about one, the exchange runs again under its id: what was begun is asked about and never made a second time, and
// what is made again may be. Otherwise, and as long as the system does not know, the outcome is unknown. alone says that no
// other repetition is at it.
func (v *visit) resume(ctx context.Context, keys store.Idempotency, token int64, alone bool, req *trigger.Request) {
	unknown := &trigger.Problem{
		Status: http.StatusConflict, Title: "Outcome unknown", Detail: outcomeUnknown, Members: []byte(trigger.OutcomeUnknown),
	}
	if req.Exchange == "" || token == 0 {
		v.problem(unknown)
		return
	}
	if !alone {
		v.w.Header()["Retry-After"] = []string{askAgain}
		v.refuse(http.StatusConflict, stillRunning)
		return
	}
	begun, err := v.s.topics.Intents.Any(ctx, req.Exchange)
	if err != nil {
		v.unkept(err, notStored)
		return
	}
	if !begun { // a version before this one may have made the call
		v.problem(unknown)
		return
	}
	res, err := v.route.Serve(ctx, req)
	if f := connectors.AsFault(err); f != nil && f.Kind == connectors.Unknown {
		unknown.Err = err
		if after, asked := routes.Undecided(err); asked {
			unknown.Detail, unknown.RetryAfter = notYetKnown, max(after, time.Second)
		}
		res.Release()
		v.problem(unknown)
		return
	}
	if err == nil || problemOf(err).Status < http.StatusInternalServerError {
		v.record(context.WithoutCancel(ctx), keys, token, req, storedAnswer(res, err))
	}
	if err != nil {
		res.Release()
		v.failed(err)
		return
	}
	v.answered(res) //nolint:contextcheck // a stream ends with the connection, not with the exchange
}

const notYetKnown = "It is not known yet whether the first request with this Idempotency-Key took effect. The system is asked when the " +
	"request comes again."
