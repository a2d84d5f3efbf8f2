package record

import (
	"strings"

	"fondaco/store"
)

// OperationCounts is the question for how many operations there are in each of these states, by route and state.
func OperationCounts(states []store.OperationState) (text string, args []any) {
	for _, s := range states {
		args = append(args, string(s))
	}
	return "select route, state, count(*) from operation where state in (" + strings.TrimSuffix(strings.Repeat("?, ", len(states)), ", ") +
		") group by route, state order by route, state", args
}

// OperationCount reads a row of it.
func OperationCount(rows interface{ Scan(to ...any) error }) (c store.OperationCount, err error) {
	err = rows.Scan(&c.Route, &c.State, &c.Operations)
	return c, err
}
