// Package errand makes the calls that stand outside of the policies of systems: for tokens, for keys, about tokens. What fails for a
// reason that passes is tried again. It alone knows go-retryablehttp.
//
// Calls of systems do not come here: whether one may be repeated hangs on its effect, the budget and the deadline, which the policy retry
// knows, and two layers that retry would multiply. Nor do callbacks: their topic sends them again.
package errand

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"fondaco/connectors/network"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	repeats   = 2                      // after the first attempt
	pauseLong = 250 * time.Millisecond // before the first repetition at most; twice as long before the next
)

// Transport returns what sends a request by next, and again, at most twice and within the deadline of its context, when no answer came or
// the answer says that another attempt may fare better: 429, 502, 503, 504. Only what may be done several times is to be sent by it. What
// it returns after the last attempt is that attempt's; it follows no redirection. Safe for concurrent use.
func Transport(next http.RoundTripper) http.RoundTripper {
	return &transport{&retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     onlySends{next},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax: repeats, CheckRetry: again, Backoff: pause,
		ErrorHandler: func(res *http.Response, err error, _ int) (*http.Response, error) {
			if res != nil {
				return res, nil // a status that remained as it was is an answer
			}
			return nil, err
		},
		Logger: nil, // it would write addresses
	}}
}

type transport struct{ client *retryablehttp.Client }

// RoundTrip sends a request, which stays as it is.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	own := r.WithContext(r.Context()) // a copy: the library sets its body
	return (&retryablehttp.RoundTripper{Client: t.client}).RoundTrip(own)
}

// again reports whether an attempt is worth repeating. Its error is always nil: what came of the attempt is returned.
func again(ctx context.Context, res *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, nil
	}
	if end, ok := ctx.Deadline(); ok && time.Until(end) < pauseLong<<repeats {
		return false, nil // nothing begins shortly before the deadline
	}
	if err != nil {
		var denied *network.Denied
		if errors.As(err, &denied) {
			return false, nil
		}
		passes, _ := retryablehttp.DefaultRetryPolicy(ctx, nil, err) // certificates and addresses stay as they are
		return passes, nil
	}
	switch res.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return res.Header.Get("Retry-After") == "", nil // whoever says when to come is not asked earlier, nor waited for
	}
	return false, nil
}

// pause returns how long to wait before a repetition: between half of the longest pause and all of it, so that those who failed together do
// not come together again.
func pause(_, _ time.Duration, attempt int, _ *http.Response) time.Duration {
	most := pauseLong << attempt
	return most/2 + rand.N(most/2)
}

// onlySends shows of a transport only that it sends: the library would close all idle connections after each failure, also those that the
// calls beside it are about to use.
type onlySends struct{ next http.RoundTripper }

func (o onlySends) RoundTrip(r *http.Request) (*http.Response, error) { return o.next.RoundTrip(r) }
