package transport

import (
	"context"
	"net/http"

	"github.com/hashicorp/go-retryablehttp"
)

// sender sends by go-retryablehttp, which is told never to send again: whether a call may be repeated hangs on the
// operation's effect, the budget and the deadline, and those the policy retry knows. Two layers that retry would
// multiply.
func sender(pool *http.Transport) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     roundTrips{pool},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     0,
		CheckRetry:   func(context.Context, *http.Response, error) (bool, error) { return false, nil },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		Logger:       nil, // it would write addresses
	}
}

// roundTrips shows of a pool only that it sends: the library would close all idle connections after each failure, also
// those that the calls beside it are about to use.
type roundTrips struct{ pool *http.Transport }

func (r roundTrips) RoundTrip(q *http.Request) (*http.Response, error) { return r.pool.RoundTrip(q) }
