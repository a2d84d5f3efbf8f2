package server

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/server/auth"

	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"
)

// callers is the number of callers, each on one route, whose rate is remembered.
const callers = 100_000

// rateKey names a caller on a route. The rate is part of it: a reload that changes it begins anew.
type rateKey struct {
	route  string
	rate   routes.Rate
	caller string
}

// rates remembers who called how often; whoever has been away longest is forgotten first.
type rates struct {
	cache *otter.Cache[rateKey, *rate.Limiter]
}

func newRates() (rates, error) {
	cache, err := otter.New(&otter.Options[rateKey, *rate.Limiter]{MaximumSize: callers})
	return rates{cache}, err
}

func (r rates) limiter(key rateKey) *rate.Limiter {
	if l, ok := r.cache.GetIfPresent(key); ok {
		return l
	}
	each := rate.Limit(float64(key.rate.Count) / key.rate.Per.Seconds())
	l, _ := r.cache.SetIfAbsent(key, rate.NewLimiter(each, key.rate.Count))
	return l
}

// admit counts the call against the caller's rate and tells whether it may go on; if not, it has answered.
func (v *visit) admit(user *auth.User) bool {
	caller := ""
	if user != nil {
		caller = "u:" + user.Subject
	} else {
		caller = "a:" + v.client()
	}
	l := v.s.rates.limiter(rateKey{v.route.ID, v.route.Rate, caller})
	now := time.Now()
	allowed, left, full := l.AllowN(now, 1), l.TokensAt(now), float64(v.route.Rate.Count)
	wait := func(tokens float64) time.Duration {
		return time.Duration(math.Max(0, tokens) / float64(l.Limit()) * float64(time.Second))
	}
	h := v.w.Header()
	h["X-RateLimit-Limit"] = v.route.limit
	h["X-RateLimit-Remaining"] = []string{strconv.Itoa(max(0, int(left)))}
	h["X-RateLimit-Reset"] = []string{strconv.Itoa(seconds(wait(full - left)))}
	if !allowed {
		v.s.metrics.limited.Inc()
		v.problem(&trigger.Problem{Status: http.StatusTooManyRequests, Detail: "Too many requests.", RetryAfter: max(wait(1-left), time.Second)})
	}
	return allowed
}
