package work

import "fondaco/server/metrics"

var (
	messagesTotal = metrics.Total("fondaco_messages_total",
		"Messages that a route worked on, by what became of them: done, repeated (handled before), cancelled (by its caller), "+
			"superseded (a run that gave way to the next), failed (a system refused it, or its route cannot read it any more), dead, deferred.",
		"route", "outcome")
	messagesInHand = metrics.Level("fondaco_messages_working",
		"Messages being worked on.", "route")
	consumerPaused = metrics.Level("fondaco_consumer_paused",
		"1 while a consumer takes nothing because a system that it needs is down.", "route")
	messagesParked = metrics.Level("fondaco_messages_parked",
		"Messages put aside in this process because a system or an operation is down; those behind them of the same key are not counted.",
		"route", "on")
	messagesRetrying = metrics.Level("fondaco_messages_retrying",
		"Messages that wait in this process for their next attempt after a system or an operation failed them.", "route", "on")
	consumerEnded = metrics.Level("fondaco_consumer_ended",
		"1 when a consumer has ended by itself, as when its topic was cut off: its messages wait.", "route")
)

// tell reports what became of the messages that routes work on, since their consumers began.
func (w *workers) tell(tell metrics.Tell) {
	for route, s := range w.stats() {
		for _, x := range []struct {
			outcome string
			n       int64
		}{
			{"done", s.Done},
			{"repeated", s.Repeated},
			{"cancelled", s.Cancelled},
			{"superseded", s.Superseded},
			{"failed", s.Failed},
			{"dead", s.Dead},
			{"deferred", s.Deferred},
		} {
			tell(messagesTotal, float64(x.n), route, x.outcome)
		}
		tell(messagesInHand, float64(s.InFlight), route)
		tell(consumerPaused, metrics.Truth(s.Paused), route)
		tell(consumerEnded, metrics.Truth(s.Ended), route)
		for on, n := range s.Parked {
			tell(messagesParked, float64(n), route, on)
		}
		for on, n := range s.Retrying {
			tell(messagesRetrying, float64(n), route, on)
		}
	}
}
