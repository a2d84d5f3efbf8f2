package main

import (
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestReproducible: two copies of a commit in different folders give the same bytes: the archive, the bill of materials and so the sums. It
// links twice, and runs where the wider tests do.
func TestReproducible(t *testing.T) {
	if os.Getenv("FONDACO_TEST_ALONE") != "" || testing.Short() {
		t.Skip("it builds the program twice: make test-all")
	}
	var sums [2]string
	var dirs [2]string
	for i := range sums {
		dirs[i] = filepath.Join(t.TempDir(), strings.Repeat("a", i+1))
		in(t, ".", "git", "clone", "--quiet", "--no-hardlinks", "../..", dirs[i])
		in(t, dirs[i], "go", "run", "./scripts/release", "-only", "linux/amd64", "-version", "1.2.3")
		text, err := os.ReadFile(filepath.Join(dirs[i], "dist/SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = string(text)
		in(t, filepath.Join(dirs[i], "dist"), "sha256sum", "--check", "--strict", "SHA256SUMS")
	}
	if sums[0] != sums[1] || strings.Count(sums[0], "\n") != 2 {
		t.Errorf("the sums differ, or are not two:\n%s\n%s", sums[0], sums[1])
	}
	built := filepath.Join(dirs[0], "dist/fondaco-1.2.3-linux-amd64/fondaco")
	if said := in(t, dirs[0], built, "version"); !strings.HasPrefix(said, "fondaco 1.2.3 ") {
		t.Errorf("the program says that it is %q", said)
	}
	info, err := buildinfo.ReadFile(built)
	if err != nil {
		t.Fatal(err)
	}
	var bill bill
	text, err := os.ReadFile(built[:len(built)-len("/fondaco")] + ".cdx.json")
	if err != nil || json.Unmarshal(text, &bill) != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(bill.Parts) != len(info.Deps)+1 {
		t.Errorf("%d parts in the bill, the program has %d modules and Go's own", len(bill.Parts), len(info.Deps))
	}
	for _, c := range bill.Parts {
		if len(c.Licenses) == 0 || c.Version == "" || c.Name != standard && len(c.Hashes) != 1 {
			t.Errorf("the bill lacks licence, version or hash: %+v", c)
		}
	}
}

// in runs a program in a folder and returns what it prints.
func in(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// TestLicences: a text is known by its words and its title, and what is not known, or not permitted, or absent is told of every module at
// once.
func TestLicences(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"                                 Apache License\n                           Version 2.0, January 2004\n": "Apache-2.0",
		"Mozilla Public License, version 2.0\n" + strings.Repeat("x ", 400) + "GNU Affero General Public License": "MPL-2.0",
		"                    GNU AFFERO GENERAL PUBLIC LICENSE\n                       Version 3":                 "AGPL-3.0-only",
		"// SPDX-License-Identifier: MIT\n":                                                                                         "MIT",
		"Redistribution and use in source\n * and binary forms, with or without":                                                    "BSD-2-Clause",
		"Redistribution and use in source and binary forms, with or without modification ... Neither the name of the copyright ...": "BSD-3-Clause",
		"All rights reserved.": "",
	} {
		if got := identify([]byte(text)); got != want {
			t.Errorf("%q is %q, expected %q", text, got, want)
		}
	}
	mit := []byte("Permission is hereby granted, free of charge")
	err := judge(map[string]module{
		"a.example/free":   {"v1.0.0", map[string][]byte{"LICENSE": mit}, nil},
		"b.example/closed": {"v1.1.0", map[string][]byte{"LICENSE": []byte("All rights reserved.")}, nil},
		"c.example/viral":  {"v1.2.0", map[string][]byte{"COPYING": []byte("GNU General Public License"), "LICENSE": mit}, nil},
		"d.example/none":   {"v1.3.0", map[string][]byte{"NOTICE": []byte("d")}, nil},
	})
	want := []string{
		"b.example/closed v1.1.0: LICENSE is no licence that is known", "c.example/viral v1.2.0: COPYING is GPL-3.0-only",
		"d.example/none v1.3.0: found no licence in it",
	}
	lines := strings.Split(err.Error(), "\n")
	for i, w := range want {
		if len(lines) != len(want) || !strings.HasPrefix(lines[i], w) {
			t.Fatalf("found\n%v\nexpected\n%s", err, strings.Join(want, "\n"))
		}
	}
}
