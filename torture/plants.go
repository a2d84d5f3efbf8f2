package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// plant is a bug, the scenario that must find it, and the flaw that it must find.
type plant struct {
	bug, storage, scenario string
	times, brokers         int
	flaw                   string
}

var planting = []plant{
	{"early-accept", "sqlite", "kills", 15, 0, "lost"},
	{"early-ack", "sqlite", "kills", 10, 0, "lost"},
	{"no-inbox", "sqlite", "kills", 10, 0, "duplicates"},
	{"retry-skips", "sqlite", "kills", 3, 0, "inversions"},
	{"no-lanes", "sqlite", "kills", 3, 0, "inversions"},
	{"accepts-refused", "sqlite", "kills", 10, 0, "phantom"},
	{"early-ack", "sqlite", "city", 4, 0, "lost"},
	{"no-inbox", "sqlite", "city", 4, 0, "duplicates"},
	{"failed-is-done", "sqlite", "fsync", 1, 0, "lost"},
	{"failed-is-done", "sqlite", "disk-full", 1, 0, "lost"},
	{"hasty-stop", "sqlite", "stop", 4, 0, "duplicates"},
	{"again-once", "sqlite", "once", 6, 0, "duplicates"},
	{"forgets-names", "sqlite", "rename", 2, 0, "lost"},
	{"ids-by-name", "sqlite", "rename", 9, 0, "duplicates"},
	{"forgets-breakers", "sqlite", "backlog", 1, 0, "was tried"},
	{"reloads-by-itself", "sqlite", "city", 1, 0, "reloaded"},
	{"discard-gives-back", "sqlite", "city", 3, 0, "thrown away"},
	{"no-ticks", "sqlite", "city", 1, 0, "schedule"},
	{"ticks-twice", "sqlite", "city", 4, 0, "tick"},
	{"replays-twice", "sqlite", "city", 3, 0, "given back twice"},
	{"no-reservation", "sqlite", "city", 1, 0, "duplicates"},
	{"early-accept", "kafka", "kills", 4, 2, "lost"},
	{"no-acks", "kafka", "kills", 4, 4, "lost"},
	{"early-ack", "kafka", "kills", 10, 0, "lost"},
	{"early-mark", "kafka", "kills", 10, 0, "lost"},
	{"no-inbox", "kafka", "kills", 10, 0, "duplicates"},
	{"retry-skips", "kafka", "kills", 3, 0, "inversions"},
	{"no-lanes", "kafka", "kills", 3, 0, "inversions"},
	{"unknown-is-dead", "kafka", "kills", 4, 4, "lost"},
	{"silent-cut", "kafka", "cut-off", 1, 0, "silent"},
	{"forgets-runs", "kafka", "two-nodes", 1, 0, "duplicates"},
	{"members-by-process", "kafka", "kills", 10, 0, "silent"},
	{"nobody-aside", "kafka", "backlog", 1, 0, "silent"},
	{"names-without-project", "kafka", "neighbours", 2, 0, "phantom"},
	{"early-ack", onCluster, "kills", 5, 0, "lost"},
	{"letters-overwrite", "kafka", "neighbours", 2, 0, "lost"},
}

// plants runs each bug with its scenario, or only that of a name. It returns an error if one is not found.
func plants(ctx context.Context, w *workshop, only string) error {
	missed := 0
	w.patience = 15 * time.Second
	fmt.Printf("%-16s %-8s %-14s %-8s %s\n", "bug", "storage", "scenario", "found", "by")
	for _, p := range planting {
		if only != "" && p.bug != only {
			continue
		}
		i := slices.IndexFunc(scenarios, func(s *scenario) bool { return s.name == p.scenario && slices.Contains(s.storages, p.storage) })
		begin := time.Now()
		var err error
		if w.program, err = w.planted(ctx, p.bug); err != nil {
			return err
		}
		o := perform(ctx, w, scenarios[i], p.storage, p.times, p.brokers)
		by, found := o.wrong(), "yes"
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(o.err, errSkipped) || absent(o.err):
			found = "skipped"
		case !slices.ContainsFunc(by, func(text string) bool { return strings.Contains(text, p.flaw) }):
			found = "NO"
			missed++
		}
		fmt.Printf("%-16s %-8s %-14s %-8s %s (%s)\n", p.bug, p.storage, p.scenario, found, brief(by), time.Since(begin).Round(time.Second))
	}
	if missed > 0 {
		return fmt.Errorf("%d of %d planted bugs were not found", missed, len(planting))
	}
	return nil
}

// brief is what was found, without the evidence.
func brief(wrong []string) string {
	short := make([]string, 0, len(wrong))
	for _, text := range wrong {
		line, _, _ := strings.Cut(text, "\n")
		short = append(short, line[:min(len(line), 90)])
	}
	return strings.Join(short[:min(len(short), 2)], "; ")
}
