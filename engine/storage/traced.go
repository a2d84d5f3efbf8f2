package storage

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fondaco/server/metrics"
	"fondaco/store/traces"
)

// tracesFile is where it is kept beside a state what exchanges did.
func tracesFile(state string) string {
	return strings.TrimSuffix(state, filepath.Ext(state)) + "-traces.db"
}

// openTraces opens the file of what exchanges did, unless the project wants none. Without one everything goes on: the log says why.
func (s *Storage) openTraces(ctx context.Context, of Project, at statePlace) {
	t := &of.Typed.Model.Project.Traces
	if t.Off != "" {
		return
	}
	file := tracesFile(at.file)
	err := os.MkdirAll(filepath.Dir(file), 0o700)
	if err == nil {
		s.traces, err = traces.Open(ctx, file, traces.Options{
			Project: of.Typed.Model.Project.Name.Value, Sample: t.Part(), Keep: t.Keep, Size: t.Size, Key: s.ids, Now: of.Clock.Now,
		})
	}
	if err != nil {
		s.traces = nil
		s.log.Warn("what exchanges do is not recorded: fondaco trace and the console's search find nothing of this process", "error", err)
	}
}

// traceCounts are the metrics of what is recorded.
var (
	tracesKept    = metrics.Total("fondaco_traces_total", "Exchanges that were recorded.")
	tracesDropped = metrics.Total("fondaco_traces_dropped_total",
		"Exchanges that were to be recorded and were not, by why: behind (the writer was), or failed (the disk did).", "why")
)

// Traces returns where what exchanges did is recorded, nil for nowhere. Its counts are told to the metrics.
func (s *Storage) Traces(to *metrics.Registry) *traces.Store {
	if s == nil || s.traces == nil {
		return nil
	}
	to.Read(func(tell metrics.Tell) {
		kept, dropped, failed := s.traces.Counts()
		tell(tracesKept, float64(kept))
		tell(tracesDropped, float64(dropped), "behind")
		tell(tracesDropped, float64(failed), "failed")
	}, tracesKept, tracesDropped)
	return s.traces
}

// Release says that another project is in service since now.
func (s *Storage) Release(now time.Time) {
	if s != nil {
		s.traces.Serve(now.UTC().Format(time.RFC3339))
	}
}
