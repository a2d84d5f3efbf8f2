package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/store"
)

// letGoAnswer is the result of a request that an operator let go.
var letGoAnswer = routes.StoredProblem(&trigger.Problem{
	Status: http.StatusGone, Title: "Cancelled",
	Detail: "The service no longer has this operation. The request was let go, and is not done.",
})

// endOperations cancels the operations of a route that is gone, whose requests are about to be let go: those that have not
// ended. Whoever asked for it is told. It comes before the requests go: one whose operation is cancelled is not worked on.
func (api *API) endOperations(ctx context.Context, topic string) error {
	route, engine := strings.CutPrefix(topic, messaging.EnginePrefix)
	if !engine {
		return nil
	}
	var all []store.Operation
	for _, state := range store.UnfinishedStates {
		for after := ""; ; {
			list, err := api.State.Operations().List(ctx, state, 500, after)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				break
			}
			after = list[len(list)-1].Cursor
			all = append(all, slices.DeleteFunc(list, func(o store.Operation) bool { return o.Route != route })...)
		}
	}
	now := api.Clock.Now()
	for _, op := range all {
		if _, err := api.cancelOperation(ctx, op.ID, letGoAnswer, now); err != nil {
			return fmt.Errorf("operation %s: %w; do it again when its work has ended", op.ID, err)
		}
	}
	if len(all) > 0 {
		api.Log.Warn("operations were cancelled, as their requests are let go", "route", route, "operations", len(all))
	}
	return nil
}
