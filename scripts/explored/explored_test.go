package main

import (
	"bytes"
	"strings"
	"testing"
)

const output = `fuzz: target ./a FuzzGood kept 0
fuzz: elapsed: 0s, gathering baseline coverage: 0/3 completed
fuzz: elapsed: 0s, gathering baseline coverage: 3/3 completed, now fuzzing with 2 workers
fuzz: elapsed: 3s, execs: 100 (33/sec), new interesting: 2 (total: 5)
fuzz: elapsed: 6s, execs: 250 (50/sec), new interesting: 4 (total: 7)
PASS
ok  	fondaco/a	6.1s
fuzz: ended 0
fuzz: target ./a FuzzKnown kept 12
fuzz: elapsed: 6s, execs: 900 (150/sec), new interesting: 0 (total: 15)
fuzz: ended 0
fuzz: target ./b FuzzNothing kept 0
fuzz: elapsed: 6s, execs: 900 (150/sec), new interesting: 0 (total: 3)
PASS
fuzz: ended 0
fuzz: target ./b FuzzWrong kept 3
fuzz: elapsed: 1s, execs: 9 (9/sec), new interesting: 1 (total: 3)
--- FAIL: FuzzWrong (1.00s)
fuzz: ended 1
fuzz: target ./c FuzzNeverBuilt kept 3
fuzz: ended 0
`

// TestVerdicts: a target that finds nothing that its seeds had not found is no test, and is reported with its name.
func TestVerdicts(t *testing.T) {
	targets, err := read(strings.NewReader(output))
	if err != nil || len(targets) != 5 {
		t.Fatal(targets, err)
	}
	for i, want := range []string{"", "", "EXPLORED NOTHING", "FAILED", "RAN NOTHING"} {
		if got := targets[i].verdict(); got != want {
			t.Errorf("%s: found %q, expected %q", targets[i].name, got, want)
		}
	}
	var out bytes.Buffer
	if bad := summary(&out, targets); bad != 3 || !strings.Contains(out.String(), "FuzzNothing") {
		t.Errorf("%d are bad:\n%s", bad, &out)
	}
	if g := targets[0]; g.execs != 250 || g.found != 4 || g.pkg != "./a" {
		t.Errorf("found %+v", g)
	}
}
