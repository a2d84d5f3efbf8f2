package server

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"fondaco/routes/trigger"
	"fondaco/server/auth"
)

// callers is the number of callers, each on one route, whose rate this process remembers by itself.
const callers = 100_000

// admit counts the call against the caller's rate and reports whether it may go on; if not, it has answered.
func (v *visit) admit(ctx context.Context, user *auth.User) bool {
	key := ""
	if user != nil {
		key = v.route.ID + " u:" + user.Subject
	} else {
		key = v.route.ID + " a:" + v.client()
	}
	verdict := v.s.limits.Allow(ctx, key, v.route.rate)
	h := v.w.Header()
	h["X-RateLimit-Limit"] = v.route.limit
	h["X-RateLimit-Remaining"] = []string{strconv.Itoa(verdict.Remaining)}
	h["X-RateLimit-Reset"] = []string{strconv.Itoa(seconds(verdict.Reset))}
	if !verdict.OK {
		v.s.metrics.limited.Inc()
		v.problem(&trigger.Problem{Status: http.StatusTooManyRequests, Detail: "Too many requests.", RetryAfter: max(verdict.After, time.Second)})
	}
	return verdict.OK
}
