package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// standard is the name of Go's own library among the modules.
const standard = "std"

// module is one that is linked, with its licences.
type module struct {
	version string
	texts   map[string][]byte // by the file's place in the module
	ids     []string          // of SPDX, sorted
}

// permitted are the licences that a program under the EUPL may be linked with and handed on.
var permitted = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "EPL-2.0", "ISC", "MIT", "MPL-2.0", "Unlicense", "Zlib", "blessing"}

// mark is a licence, and words that it has.
type mark = struct {
	id    string
	words []string
}

// head is how much of a text its title is looked for in.
const head = 400

var titles = []mark{
	{"AGPL-3.0-only", []string{"gnu affero general public license"}},
	{"LGPL-3.0-only", []string{"gnu lesser general public license"}},
	{"GPL-3.0-only", []string{"gnu general public license"}},
	{"MPL-2.0", []string{"mozilla public license version 2.0"}},
	{"MPL-2.0", []string{"mozilla public license, version 2.0"}},
	{"Apache-2.0", []string{"apache license version 2.0"}},
	{"EPL-2.0", []string{"eclipse public license - v 2.0"}},
}

// marks are what tells licences from each other, in words without line ends: all of a line must be there. The first that fits counts.
// Titles are looked for at the head, as the MPL names others further down.
var marks = []mark{
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "neither the name"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "may not be used to endorse"}},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms"}},
	{"MIT", []string{"permission is hereby granted, free of charge"}},
	{"ISC", []string{"permission to use, copy, modify, and", "distribute this software for any purpose"}},
	{"Zlib", []string{"this software is provided 'as-is'", "altered source versions"}},
	{"CC0-1.0", []string{"cc0 1.0 universal"}},
	{"blessing", []string{"all of the code and documentation in sqlite has been dedicated to the public domain"}},
	{"Unlicense", []string{"this is free and unencumbered software released into the public domain"}},
}

var (
	licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense|edl|epl)([-._].*)?$|[-_.]licen[cs]e(\.(md|txt))?$`)
	noticeFile  = regexp.MustCompile(`(?i)^notice([-._].*)?$|^licen[cs]e-(logo|3rd-party)`) // handed on, and no licence of the module
	spaces      = regexp.MustCompile(`[\s*#"/]+`)
)

// identify returns the licence of a text, "" if it is none that is known.
func identify(text []byte) string {
	plain := strings.ToLower(spaces.ReplaceAllString(string(text), " "))
	if _, id, said := strings.Cut(plain, "spdx-license-identifier: "); said && len(plain) < head { // beside a file, as reuse.software has it
		id, _, _ = strings.Cut(strings.TrimSpace(id), " ")
		for _, m := range marks {
			if strings.EqualFold(m.id, id) {
				return m.id
			}
		}
		return ""
	}
	for _, m := range titles {
		if strings.Contains(plain[:min(len(plain), head)], m.words[0]) {
			return m.id
		}
	}
	for _, m := range marks {
		if !slices.ContainsFunc(m.words, func(w string) bool { return !strings.Contains(plain, w) }) {
			return m.id
		}
	}
	return ""
}

// licences returns the modules that the program is linked with on some platform, with the licences of every folder that is linked and
// of those above it. A module without one, and one with a licence that is not permitted, is an error; all of them come together.
func licences(on []platform) (map[string]module, error) {
	all := map[string]module{}
	for _, p := range on {
		out, err := command(env(p), "go", "list", "-deps", "-json=Dir,Standard,Module", "./cmd/fondaco")
		if err != nil {
			return nil, err
		}
		for d := json.NewDecoder(bytes.NewReader(out)); ; {
			var of struct {
				Dir      string
				Standard bool
				Module   *struct {
					Path, Version, Dir string
					Main               bool
				}
			}
			if err := d.Decode(&of); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			if of.Module == nil || of.Module.Main {
				continue
			}
			m, known := all[of.Module.Path]
			if !known {
				m = module{of.Module.Version, map[string][]byte{}, nil}
			}
			if err := m.gather(of.Dir, of.Module.Dir); err != nil {
				return nil, err
			}
			all[of.Module.Path] = m
		}
	}
	root, err := command(nil, "go", "env", "GOROOT", "GOVERSION")
	if err != nil {
		return nil, err
	}
	dir, version, _ := strings.Cut(strings.TrimSpace(string(root)), "\n")
	std := module{strings.TrimPrefix(version, "go"), map[string][]byte{}, nil}
	if err := std.gather(dir, dir); err != nil {
		return nil, err
	}
	all[standard] = std
	return all, judge(all)
}

// gather reads the licences of a folder and of those above it, up to the module's own.
func (m module) gather(dir, top string) error {
	for {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.IsDir() || !licenceFile.MatchString(e.Name()) && !noticeFile.MatchString(e.Name()) || filepath.Ext(e.Name()) == ".go" {
				continue
			}
			place, err := filepath.Rel(top, filepath.Join(dir, e.Name()))
			if err != nil {
				return err
			}
			if m.texts[place], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
		if dir == top || len(dir) < len(top) {
			return nil
		}
		dir = filepath.Dir(dir)
	}
}

// judge sets the licences of modules, and returns what is wrong with any of them.
func judge(all map[string]module) error {
	var wrong []error
	for _, path := range slices.Sorted(maps.Keys(all)) {
		m, before := all[path], len(wrong)
		for _, place := range slices.Sorted(maps.Keys(m.texts)) {
			if noticeFile.MatchString(filepath.Base(place)) {
				continue
			}
			switch id := identify(m.texts[place]); {
			case id == "":
				wrong = append(wrong, fmt.Errorf("%s %s: %s is no licence that is known; look at it, and add its words to marks", path, m.version, place))
			case !slices.Contains(permitted, id):
				wrong = append(wrong, fmt.Errorf("%s %s: %s is %s, expected one of %s; link it no more", path, m.version, place, id,
					strings.Join(permitted, ", ")))
			case !slices.Contains(m.ids, id):
				m.ids = append(m.ids, id)
			}
		}
		if len(m.ids) == 0 && len(wrong) == before {
			wrong = append(wrong, fmt.Errorf("%s %s: found no licence in it; who wrote it has to be asked", path, m.version))
		}
		slices.Sort(m.ids)
		all[path] = m
	}
	return errors.Join(wrong...)
}

// noticeOf writes the licences of all modules, in the order of their names.
func noticeOf(all map[string]module) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Fondaco is under the EUPL 1.2: see LICENSE. The program contains the following, each under its own licence.\n\n")
	for _, path := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%s %s: %s\n", path, all[path].version, strings.Join(all[path].ids, ", "))
	}
	for _, path := range slices.Sorted(maps.Keys(all)) {
		for _, place := range slices.Sorted(maps.Keys(all[path].texts)) {
			fmt.Fprintf(&b, "\n%s\n%s %s, %s\n\n%s\n", strings.Repeat("=", 80), path, all[path].version, place, bytes.TrimSpace(all[path].texts[place]))
		}
	}
	return b.Bytes()
}
