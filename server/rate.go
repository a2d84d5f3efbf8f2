package server

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"fondaco/routes/trigger"
	"fondaco/server/auth"
	"fondaco/store"
)

// callers is the number of callers, each on one route, whose rate this process remembers by itself.
const callers = 100_000

// within counts the call against the caller's quota over all routes of the scheme, and reports whether it may go on; if not, it has
// answered.
func (v *visit) within(ctx context.Context, user *auth.User) bool {
	if user == nil || user.Quota.Count == 0 {
		return true
	}
	return v.allow(ctx, "q:"+v.route.Auth.Scheme+" "+user.Subject, store.Rate{Count: user.Quota.Count, Per: user.Quota.Per},
		[]string{strconv.Itoa(user.Quota.Count)})
}

// admit counts the call against the caller's rate on the route and reports whether it may go on; if not, it has answered.
func (v *visit) admit(ctx context.Context, user *auth.User) bool {
	key := ""
	if user != nil {
		key = v.route.ID + " u:" + user.Subject
	} else {
		key = v.route.ID + " a:" + v.client()
	}
	return v.allow(ctx, key, v.route.rate, v.route.limit)
}

// allow takes one request of a key against a rate, and tells the caller what is left. limit is the rate's count.
func (v *visit) allow(ctx context.Context, key string, rate store.Rate, limit []string) bool {
	verdict := v.s.limits.Allow(ctx, key, rate)
	h := v.w.Header()
	h["X-RateLimit-Limit"] = limit
	h["X-RateLimit-Remaining"] = []string{strconv.Itoa(verdict.Remaining)}
	h["X-RateLimit-Reset"] = []string{strconv.Itoa(seconds(verdict.Reset))}
	if !verdict.OK {
		v.s.metrics.limited.Inc()
		v.problem(&trigger.Problem{Status: http.StatusTooManyRequests, Detail: "Too many requests.", RetryAfter: max(verdict.After, time.Second)})
	}
	return verdict.OK
}
