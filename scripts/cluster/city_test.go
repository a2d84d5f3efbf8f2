package main

import (
	"slices"
	"testing"
)

// TestEnv: systems are led to their simulators, and those whose files are on a server to a folder.
func TestEnv(t *testing.T) {
	c := &city{folder: t.TempDir(), systems: map[string]int{"crm": 1, "veritas-bollette": 2}}
	if err := c.found([]byte("crm  http://127.0.0.1:1  CRM\nveritas-bollette  files://127.0.0.1:2  Bollette\n")); err != nil {
		t.Fatal(err)
	}
	env := c.env()
	for _, expected := range []string{"CRM_URL=http://127.0.0.1:1", "VERITAS_BOLLETTE_URL=file:veritas-bollette"} {
		if !slices.Contains(env, expected) {
			t.Errorf("found %v, expected %s", env, expected)
		}
	}
}
