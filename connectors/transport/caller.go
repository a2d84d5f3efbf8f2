package transport

import (
	"context"
	"errors"
	"net/http"

	"fondaco/connectors"
)

var errNoCaller = errors.New("there is no caller whose token could be sent on")

// callerToken returns the token of whoever is being answered. A simulated system, in a project's tests, takes a made-up one.
func callerToken(ctx context.Context, simulated bool) (connectors.CallerToken, error) {
	if token, ok := connectors.CallerTokenOf(ctx); ok {
		return token, nil
	}
	if simulated {
		token, _ := connectors.CallerTokenOf(connectors.WithCallerToken(ctx, connectors.MadeUp))
		return token, nil
	}
	return connectors.CallerToken{}, &connectors.Fault{Kind: connectors.Refused, Err: errNoCaller}
}

// passedOn sends the caller's token as it came, to the endpoint's host alone: no redirect is followed.
type passedOn struct{ simulated bool }

func (p passedOn) authorize(ctx context.Context, o *outgoing) error {
	token, err := callerToken(ctx, p.simulated)
	if err != nil {
		return err
	}
	o.header["Authorization"] = []string{"Bearer " + token.Secret()}
	return nil
}

func (passedOn) renew(_, _ http.Header) bool { return false }
