package schema

// Distinct finds values that are equal to earlier ones, in time that grows with their size alone. The zero Distinct is
// empty.
type Distinct struct {
	values []Value
	by     map[uint64][]int32 // the places of values, by hash
}

// Add returns the place of v among the values that differ, and whether it is the first of its kind. compare is called
// before v is compared with another one of the same hash; its error ends the search.
func (d *Distinct) Add(v Value, compare func() error) (place int, first bool, err error) {
	if d.by == nil {
		d.by = map[uint64][]int32{}
	}
	h := Hash(v)
	for _, i := range d.by[h] {
		if err := compare(); err != nil {
			return 0, false, err
		}
		if Equal(v, d.values[i]) {
			return int(i), false, nil
		}
	}
	d.by[h] = append(d.by[h], int32(len(d.values)))
	d.values = append(d.values, v)
	return len(d.values) - 1, true, nil
}

// Values returns the values that differ, in the order in which they came.
func (d *Distinct) Values() []Value { return d.values }
