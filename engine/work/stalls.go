package work

import (
	"fondaco/messaging"
	"fondaco/server/metrics"
)

var (
	stallsTotal = metrics.Total("fondaco_stalls_total",
		"How often a consumer, schedule, watch or collector had work, made no progress for a minute and was started again.", "kind", "name")
	standingStill = metrics.Level("fondaco_standing_still",
		"1 while it has made no progress since it was started again.", "kind", "name")
)

// registerStalls counts what had work, stood still and was started again.
func registerStalls(r *metrics.Registry, dog *messaging.Watchdog) {
	r.Read(func(tell metrics.Tell) {
		for _, x := range dog.Stalls() {
			tell(stallsTotal, float64(x.Times), x.Kind, x.Name)
			tell(standingStill, metrics.Truth(x.Standing), x.Kind, x.Name)
		}
	}, stallsTotal, standingStill)
}
