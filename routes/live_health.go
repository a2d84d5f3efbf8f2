package routes

import (
	"slices"
	"strings"

	"fondaco/connectors/policy"
)

// Health returns how the systems stand that programs have open, by name: what is true of all their programs. Of a system whose
// definition has changed while exchanges still end on the former one, the worse of both is told.
func (l *Live) Health() []policy.Health {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := map[string]policy.Health{}
	for key, live := range l.systems {
		h := live.shared.Health()
		if former, twice := at[key.name]; twice && former.Unwell() && !h.Unwell() {
			continue
		}
		at[key.name] = h
	}
	list := make([]policy.Health, 0, len(at))
	for _, h := range at {
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b policy.Health) int { return strings.Compare(a.System, b.System) })
	return list
}

// Meters returns what the calls of each operation are measured by, by system and operation, since the process began.
func (l *Live) Meters() []*policy.Meter { return l.meters.List() }
