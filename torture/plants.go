package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fondaco/messaging/planted"
)

// plant is a bug, and the scenario that must find it.
type plant struct {
	bug, storage, scenario string
	times, brokers         int
}

var planting = []plant{
	{planted.EarlyAccept, "sqlite", "kills", 40, 0},
	{planted.EarlyAck, "sqlite", "kills", 10, 0},
	{planted.NoInbox, "sqlite", "kills", 10, 0},
	{planted.RetrySkips, "sqlite", "kills", 3, 0},
	{planted.NoLanes, "sqlite", "kills", 3, 0},
	{planted.AcceptsRefused, "sqlite", "kills", 10, 0},
	{planted.FailedIsDone, "sqlite", "fsync", 1, 0},
	{planted.FailedIsDone, "sqlite", "disk-full", 1, 0},
	{planted.HastyStop, "sqlite", "stop", 4, 0},
	{planted.EarlyAccept, "kafka", "kills", 8, 4},
	{planted.NoAcks, "kafka", "kills", 8, 4},
	{planted.EarlyAck, "kafka", "kills", 10, 0},
	{planted.EarlyMark, "kafka", "kills", 10, 0},
	{planted.NoInbox, "kafka", "kills", 10, 0},
	{planted.RetrySkips, "kafka", "kills", 3, 0},
	{planted.NoLanes, "kafka", "kills", 3, 0},
	{planted.UnknownIsDead, "kafka", "kills", 4, 4},
	{planted.SilentCut, "kafka", "cut-off", 1, 0},
	{planted.ForgetsRuns, "kafka", "two-nodes", 1, 0},
}

// plants runs each bug with its scenario. It gives an error if one is not found.
func plants(ctx context.Context, w *workshop) error {
	missed := 0
	fmt.Printf("%-16s %-8s %-14s %-8s %s\n", "bug", "storage", "scenario", "found", "by")
	for _, p := range planting {
		i := slices.IndexFunc(scenarios, func(s *scenario) bool { return s.name == p.scenario })
		begin := time.Now()
		o := perform(ctx, w, scenarios[i], p.storage, p.times, p.brokers, "FONDACO_PLANT="+p.bug)
		by, found := o.wrong(), "yes"
		switch {
		case by == "":
			found = "NO"
			missed++
		case o.err != nil && errors.Is(o.err, errSkipped):
			found = "skipped"
		case ctx.Err() != nil:
			return ctx.Err()
		}
		fmt.Printf("%-16s %-8s %-14s %-8s %s (%s)\n", p.bug, p.storage, p.scenario, found, firstLine(by), time.Since(begin).Round(time.Second))
	}
	if missed > 0 {
		return fmt.Errorf("%d of %d planted bugs were not found", missed, len(planting))
	}
	return nil
}

func firstLine(s string) string {
	for i, c := range s {
		if c == '\n' || i > 200 {
			return s[:i]
		}
	}
	return s
}
