// Package metricstest holds metrics to the rules of Prometheus' exposition format, for tests.
package metricstest

import (
	"fmt"
	"strings"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// Problems returns what promtool's rules find in the answer of GET /metrics, of the metrics whose names have a prefix; an error if it is not
// in the exposition format at all.
func Problems(answer, prefix string) (all []string, err error) {
	list, err := promlint.New(strings.NewReader(answer)).Lint()
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if strings.HasPrefix(p.Metric, prefix) {
			all = append(all, fmt.Sprintf("%s: %s", p.Metric, p.Text))
		}
	}
	return all, nil
}
