package connectors

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"fondaco/schema"
)

// Trip is one request to a system and its answer, as they went over the wire: secrets and personal data are in it.
// Whoever shows it masks it first (Mask). It is not changed once it is told.
type Trip struct {
	Operation string
	Method    string
	URL       *url.URL
	Header    http.Header // of the request
	Body      []byte
	Status    int         // of the answer, 0 if none came
	Answer    http.Header // of the answer, nil if none came
	Got       []byte
	Took      time.Duration
	Err       error // what went wrong on the way, nil if an answer came whole
}

// tapKey is where a context holds its tap.
type tapKey struct{}

// WithTap returns a context whose calls of systems tell tap each of their trips when it has ended: also those of a log-in
// that the call needs first. It is for people who look at one call; tap may be called by several goroutines.
func WithTap(ctx context.Context, tap func(*Trip)) context.Context {
	return context.WithValue(ctx, tapKey{}, tap)
}

// TapOf returns the tap that ctx carries, nil if it carries none.
func TapOf(ctx context.Context) func(*Trip) {
	tap, _ := ctx.Value(tapKey{}).(func(*Trip))
	return tap
}

// Reporting has the calls of a wire other than HTTP report their trips to the tap of their context. asked begins the trip of a call with
// its input: what was asked, by what method and where; shown writes an answer. Both are called only where there is a tap.
func Reporting(next Call, asked func(in schema.Value) *Trip, shown func(answer schema.Value) []byte) Call {
	return func(ctx context.Context, in schema.Value) (schema.Value, error) {
		tap := TapOf(ctx)
		if tap == nil {
			return next(ctx, in)
		}
		began := time.Now()
		v, err := next(ctx, in)
		trip := asked(in)
		trip.Took = time.Since(began)
		trip.Header = http.Header{"Content-Type": {"application/json"}} // which is masked by the names of fields
		if err != nil {
			trip.Err = err
		} else {
			trip.Status, trip.Answer, trip.Got = http.StatusOK, trip.Header, shown(v)
		}
		tap(trip)
		return v, err
	}
}
