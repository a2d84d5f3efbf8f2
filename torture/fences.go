package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Metrics of the rights that one of several nodes has at a time.
const (
	duplicateOwner = "fondaco_duplicate_owner_total"
	fencedOwner    = "fondaco_fenced_total"
)

// fences are the metrics that nodes export, by metric, and by run and labels. A counter is lost with its process, so it is read before each
// kill.
type fences map[string]map[string]float64

// read reads the metrics of the nodes that answer.
func (f fences) read(ctx context.Context, engines []*engine) {
	for _, e := range engines {
		run := e.run()
		_, text, err := get(ctx, e.console+"/metrics")
		if err != nil {
			continue
		}
		for _, name := range []string{duplicateOwner, fencedOwner} {
			f.note(name, run, text)
		}
	}
}

// note records the values of a metric in a run.
func (f fences) note(name, run, text string) {
	if f[name] == nil {
		f[name] = map[string]float64{}
	}
	for line := range strings.Lines(text) {
		labels, value, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found || !strings.HasPrefix(labels, name+"{") {
			continue
		}
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			key := run + " " + strings.TrimPrefix(labels, name)
			f[name][key] = max(f[name][key], n)
		}
	}
}

// sum adds up the values of a metric in all runs.
func (f fences) sum(name string) (n float64) {
	for _, x := range f[name] {
		n += x
	}
	return n
}

// doubled lists the owners that were not alone, empty if each was; it is an error if no node exported any.
func (f fences) doubled() (list []string, err error) {
	if len(f[duplicateOwner]) == 0 {
		return nil, fmt.Errorf("no node exports %s", duplicateOwner)
	}
	for _, who := range slices.Sorted(maps.Keys(f[duplicateOwner])) {
		if n := f[duplicateOwner][who]; n != 0 {
			list = append(list, fmt.Sprintf("%s: %g", who, n))
		}
	}
	return list, nil
}
