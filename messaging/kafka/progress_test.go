package kafka

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/IBM/sarama"
)

// TestProgress: against a simple model, over random orders of finishing, gaps and deferrals.
func TestProgress(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		began := random.Int64N(1000)
		p := newProgress(sarama.Uuid{1}, began)
		finished := map[int64]bool{}
		unfinished := map[int64]*entry{}
		next := began
		for range random.IntN(400) {
			switch random.IntN(3) {
			case 0, 1:
				for range random.IntN(3) { // offsets that no message has
					finished[next] = true
					next++
				}
				e := &entry{offset: next, attempt: 1}
				p.add(e)
				unfinished[next] = e
				next++
			case 2:
				for offset, e := range unfinished { // any
					if random.IntN(4) == 0 {
						e.attempt, e.due = 3, time.UnixMilli(1_700_000_000_000+random.Int64N(1000))
						if random.IntN(2) == 0 {
							e.since = time.UnixMilli(1_600_000_000_000 + random.Int64N(1000))
						}
						p.remember(e)
						break
					}
					p.finish(e)
					delete(unfinished, offset)
					finished[offset] = true
					break
				}
			}
		}
		base := p.base()
		for offset := began; offset < base; offset++ {
			if !finished[offset] {
				t.Fatalf("seed %d: %d is below the base %d and not finished", seed, offset, base)
			}
		}
		if finished[base] && base < next && len(unfinished) > 0 {
			t.Fatalf("seed %d: the base %d is finished", seed, base)
		}
		k, err := decode(base, p.encode(math.MaxInt))
		if err != nil || k.topic != p.topic {
			t.Fatalf("seed %d: %v, topic %v", seed, err, k.topic)
		}
		for offset := base; offset < next+5; offset++ {
			if want := finished[offset] && offset < p.high; k.finished(offset) != want {
				t.Fatalf("seed %d: finished(%d) is %v, expected %v (base %d, high %d)", seed, offset, !want, want, base, p.high)
			}
			if e := unfinished[offset]; e != nil && e.attempt == 3 && len(p.deferred) <= metadataEntries {
				if d := k.deferred[offset]; d.attempt != 3 || !d.due.Equal(e.due) || !d.since.Equal(e.since) {
					t.Fatalf("seed %d: %d comes back with %+v", seed, offset, d)
				}
			}
		}
	}
}

// TestProgressTruncated: what does not fit is forgotten from its end: never is anything taken for finished that is not.
func TestProgressTruncated(t *testing.T) {
	p := newProgress(sarama.Uuid{1}, 0)
	for offset := range int64(20_000) {
		e := &entry{offset: offset, attempt: 2}
		p.add(e)
		if offset%2 == 1 {
			p.finish(e)
		} else {
			p.remember(e)
		}
	}
	meta := p.encode(metadataBytes)
	if len(meta) > 4096 || len(meta) < 3500 {
		t.Errorf("%d characters; up to 4096 were expected, and not much less", len(meta))
	}
	k, err := decode(0, meta)
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for offset := range int64(20_000) {
		if k.finished(offset) {
			known++
			if offset%2 == 0 {
				t.Fatalf("%d is taken for finished", offset)
			}
		}
	}
	if known < 1000 {
		t.Errorf("%d finished ones are known; at least 1000 were expected", known)
	}
}

// TestProgressParked: one that waits long, and a million finished behind it, need a few bytes.
func TestProgressParked(t *testing.T) {
	p := newProgress(sarama.Uuid{1}, 0)
	p.add(&entry{offset: 0})
	for offset := range int64(1_000_000) {
		e := &entry{offset: offset + 1}
		p.add(e)
		p.finish(e)
	}
	meta := p.encode(metadataBytes)
	k, err := decode(p.base(), meta)
	if err != nil || p.base() != 0 || len(meta) > 40 || k.finished(0) || !k.finished(1) || !k.finished(1_000_000) || k.finished(1_000_001) {
		t.Errorf("base %d, %d characters, error %v", p.base(), len(meta), err)
	}
}

// TestProgressRest: of what is finished between very many that wait, the metadata says how many they are where it has no
// room to say which, and never takes one that waits for finished.
func TestProgressRest(t *testing.T) {
	const n = 50_000
	p := newProgress(sarama.Uuid{1}, 3)
	var all []*entry
	for offset := range int64(n) {
		e := &entry{offset: 3 + offset}
		p.add(e)
		all = append(all, e)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	waiting := int64(n)
	for _, e := range all {
		if e.offset%2 == 1 { // the odd ones wait
			continue
		}
		p.finish(e)
		waiting--
		if waiting%1000 != 0 {
			continue
		}
		k, err := decode(p.base(), p.encode(metadataBytes))
		if got := k.waiting(p.next); err != nil || got != waiting {
			t.Fatalf("%d are said to wait, expected %d (%v)", got, waiting, err)
		}
		for i := int64(4); i < n; i += 97 {
			if at := i | 1; k.finished(at) {
				t.Fatalf("%d is taken for finished", at)
			}
		}
	}
}

// FuzzDecode: what others wrote beside the offset says nothing, and does no harm.
func FuzzDecode(f *testing.F) {
	p := newProgress(sarama.Uuid{1}, 7)
	for offset := range int64(20) {
		e := &entry{offset: 7 + offset, attempt: 2}
		p.add(e)
		p.remember(e)
		if offset%3 > 0 {
			p.finish(e)
		}
	}
	f.Add(int64(7), p.encode(metadataBytes))
	f.Add(int64(0), "")
	f.Add(int64(math.MaxInt64), strings.Repeat("A", 4000))
	f.Fuzz(func(t *testing.T, base int64, metadata string) {
		k, err := decode(base, metadata)
		if err != nil && (k.runs != nil || k.deferred != nil || k.topic != (sarama.Uuid{}) || k.base != base) {
			t.Errorf("of what is not ours came %+v", k)
		}
		before := base
		for _, end := range k.runs {
			if end < before {
				t.Errorf("a run ends at %d before it begins at %d", end, before)
			}
			before = end
		}
		if base >= 0 && !k.finished(-1) {
			t.Error("what lies below the base is not finished")
		}
	})
}
