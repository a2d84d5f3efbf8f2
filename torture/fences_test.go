package main

import (
	"fmt"
	"testing"
)

// TestFences: the metrics of owners are kept when a run ends, and an owner that was not alone is named.
func TestFences(t *testing.T) {
	f := fences{}
	if _, err := f.doubled(); err == nil {
		t.Error("nobody told anything, and that is no error")
	}
	say := func(run string, doubled, fenced int) {
		text := fmt.Sprintf("# TYPE x counter\n%s{kind=\"schedule\",route=\"tick\"} %d\n%s{kind=\"schedule\",route=\"tick\"} %d\n%s_other 9\n",
			duplicateOwner, doubled, fencedOwner, fenced, duplicateOwner)
		f.note(duplicateOwner, run, text)
		f.note(fencedOwner, run, text)
	}
	say("node0-1", 0, 1)
	say("node0-1", 0, 2) // the same run, later
	say("node0-2", 0, 0) // it was killed
	say("node1-1", 0, 1)
	if list, err := f.doubled(); err != nil || len(list) != 0 || f.sum(fencedOwner) != 3 {
		t.Errorf("%q, %v, %g refused; expected none that was not alone and 3", list, err, f.sum(fencedOwner))
	}
	say("node1-1", 1, 1)
	say("node1-2", 0, 0)
	if list, err := f.doubled(); err != nil || fmt.Sprint(list) != `[node1-1 {kind="schedule",route="tick"}: 1]` {
		t.Errorf("%q, %v", list, err)
	}
}
