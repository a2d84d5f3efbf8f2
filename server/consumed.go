package server

import "github.com/prometheus/client_golang/prometheus"

// consumed tells what became of the messages that routes work on, since their consumers began.
type consumed struct{ workers *workers }

var (
	messagesTotal  = prometheus.NewDesc("fondaco_messages_total", "Messages that a route worked on, by what became of them: done, repeated (handled before), cancelled (by its caller), superseded (a run that gave way to the next), failed (a system refused it, or its route cannot read it any more), dead, deferred.", []string{"route", "outcome"}, nil)
	messagesInHand = prometheus.NewDesc("fondaco_messages_in_flight", "Messages being worked on.", []string{"route"}, nil)
	consumerPaused = prometheus.NewDesc("fondaco_consumer_paused", "1 while a consumer takes nothing because a system that it needs is down.", []string{"route"}, nil)
	messagesParked = prometheus.NewDesc("fondaco_messages_parked", "Messages put aside in this process because a system or an operation is down; those behind them of the same key are not counted.", []string{"route", "on"}, nil)
	consumerEnded  = prometheus.NewDesc("fondaco_consumer_ended", "1 when a consumer has ended by itself, as when its topic was cut off: its messages wait.", []string{"route"}, nil)
)

// Describe returns the metrics.
func (consumed) Describe(to chan<- *prometheus.Desc) {
	to <- messagesTotal
	to <- messagesInHand
	to <- consumerPaused
	to <- messagesParked
	to <- consumerEnded
}

// Collect counts anew.
func (c consumed) Collect(to chan<- prometheus.Metric) {
	for route, s := range c.workers.stats() {
		for _, x := range []struct {
			outcome string
			n       int64
		}{{"done", s.Done}, {"repeated", s.Repeated}, {"cancelled", s.Cancelled}, {"superseded", s.Superseded}, {"failed", s.Failed}, {"dead", s.Dead}, {"deferred", s.Deferred}} {
			to <- prometheus.MustNewConstMetric(messagesTotal, prometheus.CounterValue, float64(x.n), route, x.outcome)
		}
		to <- prometheus.MustNewConstMetric(messagesInHand, prometheus.GaugeValue, float64(s.InFlight), route)
		to <- prometheus.MustNewConstMetric(consumerPaused, prometheus.GaugeValue, oneIf(s.Paused), route)
		to <- prometheus.MustNewConstMetric(consumerEnded, prometheus.GaugeValue, oneIf(s.Ended), route)
		for on, n := range s.Parked {
			to <- prometheus.MustNewConstMetric(messagesParked, prometheus.GaugeValue, float64(n), route, on)
		}
	}
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
