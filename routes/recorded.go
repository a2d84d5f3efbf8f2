package routes

import (
	"context"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

// withheldFault is what a recorder is told of a call that was not made, as a breaker was open or it could not be noted.
const withheldFault = "withheld"

// recorded has each attempt of a call told to the exchange's recorder.
func recorded(call connectors.Call, place string, op *connectors.Operation, system string) connectors.Call {
	effect := op.Effect.String()
	return func(ctx context.Context, in schema.Value) (schema.Value, error) {
		to := connectors.RecorderOf(ctx)
		if to == nil {
			return call(ctx, in)
		}
		began := time.Now()
		v, err := call(ctx, in)
		to.Called(place, system, op.Name, effect, connectors.AttemptOf(ctx), began, faultKind(err))
		return v, err
	}
}

// withheld has a call that policies did not make told to the exchange's recorder.
func withheld(call connectors.Call, place string, op *connectors.Operation, system string) connectors.Call {
	effect := op.Effect.String()
	return func(ctx context.Context, in schema.Value) (schema.Value, error) {
		v, err := call(ctx, in)
		if err == nil {
			return v, nil
		}
		if f := connectors.AsFault(err); f != nil && f.Withheld {
			if to := connectors.RecorderOf(ctx); to != nil {
				to.Called(place, system, op.Name, effect, 1, time.Now(), withheldFault)
			}
		}
		return v, err
	}
}

// faultKind returns the word of a fault's kind: "" for none, "failed" for an error that is no system's.
func faultKind(err error) string {
	if err == nil {
		return ""
	}
	if f := connectors.AsFault(err); f != nil {
		return f.Kind.String()
	}
	return "failed"
}
