package project_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/config/project"
)

// TestTraces: what traces may say, and that what it may not is told once, at its place.
func TestTraces(t *testing.T) {
	for text, want := range map[string]struct {
		part float64
		off  bool
		told string
	}{
		"off": {project.DefaultSample, true, ""}, "{ keep: 7d, size: 200MB }": {project.DefaultSample, false, ""},
		"{ sample: 0% }": {0, false, ""}, "{ sample: 2.5% }": {0.025, false, ""}, "{ sample: 100% }": {1, false, ""},
		"{ sample: 0.5 }":  {project.DefaultSample, false, "expected a percentage from 0% to 100%"},
		"{ sample: 101% }": {project.DefaultSample, false, "expected a percentage from 0% to 100%"},
		"{ sample: NaN% }": {project.DefaultSample, false, "expected a percentage from 0% to 100%"},
		"{ sampl: 1% }":    {project.DefaultSample, false, `did you mean "sample"?`},
	} {
		var out diag.List
		p := project.Read(fstest.MapFS{"fondaco.yaml": {Data: []byte("project: d\ntraces: " + text + "\n")}}, &out)
		var told []string
		for _, problem := range out.Sorted() {
			told = append(told, problem.Message+"; "+problem.Hint)
		}
		if (want.told == "") != (len(told) == 0) || len(told) > 1 || !strings.Contains(strings.Join(told, "\n"), want.told) {
			t.Error(text, told)
		}
		if p.Traces.Part() != want.part || (p.Traces.Off != "") != want.off {
			t.Errorf("%s: %+v", text, p.Traces)
		}
	}
}
