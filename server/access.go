package server

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"fondaco/connectors"
	"fondaco/routes/trigger"
)

// access writes the line of the log: one a request, with no value of it.
func (s *Server) access(v *visit, took time.Duration) {
	level := slog.LevelInfo
	if v.status >= 500 {
		level = slog.LevelWarn
	}
	ctx := context.Background()
	if s.quiet && v.status < 500 || !s.log.Enabled(ctx, level) {
		return
	}
	attrs := [7]slog.Attr{
		slog.String("method", logMethod(v.r.Method)),
		slog.String("route", v.routeID()),
		slog.Int("status", v.status),
		slog.Int("bytes", v.bytes),
		slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.String("request_id", v.trace.RequestID),
	}
	n := 6
	if v.failure != nil && v.failure.Err != nil && (v.status >= 500 || connectors.AsFault(v.failure.Err) != nil) {
		attrs[n] = slog.String("error", trigger.Brief(v.failure.Err.Error()))
		n++
	} else if v.refused != "" {
		attrs[n] = slog.String("refused", v.refused)
		n++
	}
	s.log.LogAttrs(ctx, level, "request", attrs[:n]...)
}

// logMethod is the method of a client's request; the door's own is none.
func logMethod(m string) string {
	if methodIndex(m) < 0 && m != http.MethodOptions {
		return "-"
	}
	return m
}
