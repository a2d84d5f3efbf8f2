package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
)

// judgeFolder judges what the ledgers in a folder, or in folders below it, hold. errFlawed if something is wrong.
func judgeFolder(dir string) error {
	var dirs []string
	err := filepath.WalkDir(dir, func(file string, f fs.DirEntry, err error) error {
		if err == nil && f.Name() == deedsFile {
			dirs = append(dirs, filepath.Dir(file))
		}
		return err
	})
	if err == nil && len(dirs) == 0 {
		err = fmt.Errorf("%s: there are no ledgers (%s) in it or below it", dir, deedsFile)
	}
	if err != nil {
		return err
	}
	var failed []error
	for _, d := range dirs {
		b, err := readBooks(d)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		failed = append(failed, b.report(d))
	}
	return errors.Join(failed...)
}

// report prints what a folder's ledgers say, and returns an error if something is wrong.
func (b *books) report(dir string) error {
	i := slices.IndexFunc(scenarios, func(s *scenario) bool { return s.name == b.scenario })
	if i < 0 {
		return fmt.Errorf("%s: there is no scenario %q", dir, b.scenario)
	}
	legs := scenarios[i].legs
	if legs == nil {
		legs = twoLegs
	}
	v := b.judge(legs)
	fmt.Printf("torture %s %s %s\n", b.storage, b.scenario, v)
	fmt.Printf("   %s; %d orders told 202, %d effects, %d times something was done to the engine\n", dir, v.Told, v.Effects, len(b.causes))
	if !b.settled {
		fmt.Println("   it ended before what was accepted had its time to be done: what lacks waits")
	}
	for _, n := range v.Notes {
		fmt.Println("   " + n)
	}
	if v.flawed() || len(b.odd) > 0 {
		return errFlawed
	}
	return nil
}
