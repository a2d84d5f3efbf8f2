package xsd

// counts says how often an element may come in a content model; max -1 is without bound.
type counts struct{ min, max int }

// manyTimes is more than anybody counts.
const manyTimes = 1 << 30

// count returns how often each element may come.
func (p *particle) count() map[Name]counts {
	out := map[Name]counts{}
	switch p.kind {
	case oneElement:
		out[p.decl.name] = counts{1, 1}
	case inChoice:
		branches := map[Name]int{} // how many of the parts have the element
		for _, part := range p.parts {
			for n, b := range part.count() {
				if a, met := out[n]; met {
					b = counts{min(a.min, b.min), larger(a.max, b.max)}
				}
				out[n] = b
				branches[n]++
			}
		}
		for n, a := range out {
			if branches[n] < len(p.parts) {
				out[n] = counts{0, a.max}
			}
		}
	default:
		for _, part := range p.parts {
			for n, b := range part.count() {
				a := out[n]
				out[n] = counts{a.min + b.min, times(a.max, b.max, true)}
			}
		}
	}
	for n, a := range out {
		out[n] = counts{min(a.min*min(p.min, manyTimes), manyTimes), times(a.max, p.max, false)}
	}
	return out
}

func larger(a, b int) int {
	if a < 0 || b < 0 {
		return -1
	}
	return max(a, b)
}

// times adds or multiplies two bounds.
func times(a, b int, add bool) int {
	switch {
	case !add && (a == 0 || b == 0):
		return 0
	case a < 0 || b < 0:
		return -1
	case add:
		b += a
	case a > manyTimes/b:
		return -1
	default:
		b *= a
	}
	if b >= manyTimes {
		return -1
	}
	return b
}
