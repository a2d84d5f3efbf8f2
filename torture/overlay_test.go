package main

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPatches: each patch below plants fits the source, and some scenario is to find it.
func TestPatches(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(patches, "plants/*.patch")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		bug := strings.TrimSuffix(filepath.Base(name), ".patch")
		t.Run(bug, func(t *testing.T) {
			if _, err := overlay(t.Context(), root, t.TempDir(), bug); err != nil {
				t.Error(err)
			}
			if !slices.ContainsFunc(planting, func(p plant) bool { return p.bug == bug }) {
				t.Error("no scenario is to find it")
			}
		})
	}
}
