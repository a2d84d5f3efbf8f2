package routes

import (
	"log/slog"

	"fondaco/connectors"
	"fondaco/connectors/policy"
)

// standing returns what counts the kept answers that stand in for a system, and logs when they begin to and when that is over.
// A nil log logs nothing.
func standing(s *connectors.System, log *slog.Logger) func(policy.Standing) {
	return func(x policy.Standing) {
		if !x.Ended {
			s.StoodIn()
		}
		switch {
		case log == nil:
		case x.Ended:
			log.Info("a system answers again, and no kept answers stand in", "system", s.Name, "operation", x.Operation)
		case x.Began:
			log.Warn("kept answers that are too old stand in for a system", "system", s.Name, "operation", x.Operation, "since", x.Since,
				"error", x.Err)
		}
	}
}

// turning returns what logs that a breaker of a system has opened, and that it has closed again. A nil log logs nothing.
func turning(s *connectors.System, log *slog.Logger) func(policy.Turn) {
	return func(x policy.Turn) {
		switch {
		case log == nil:
		case x.Open:
			log.Warn("a breaker has opened: calls are withheld", "system", s.Name, "operation", x.Operation, "kind", x.Cause.Kind, "until", x.Until,
				"error", x.Cause.Detail)
		default:
			log.Info("a breaker has closed: calls are made again", "system", s.Name, "operation", x.Operation)
		}
	}
}
