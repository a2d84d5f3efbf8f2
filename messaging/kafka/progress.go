package kafka

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/IBM/sarama"
)

// progress knows what of a partition is finished: all below next but the unfinished, which are chained in the order of
// their offsets. Offsets that no message has (of transactions' markers, of compacted messages) are finished by that.
type progress struct {
	topic    sarama.Uuid
	began    int64 // the offset at which it began
	origin   int64 // the offset from which on messages are the group's, as it was new; -1 if nobody knows
	next     int64 // all up to here were read
	high     int64 // one above the highest finished
	first    *entry
	last     *entry
	below    int64            // how many below high are unfinished
	deferred map[int64]*entry // unfinished ones with attempts or a due time to be remembered
}

func newProgress(topic sarama.Uuid, began int64) *progress {
	return &progress{topic: topic, began: began, origin: -1, next: began, high: began, deferred: map[int64]*entry{}}
}

// add takes up a message with an offset beyond all before it.
func (p *progress) add(e *entry) {
	p.next = e.offset + 1
	e.before = p.last
	if p.last == nil {
		p.first = e
	} else {
		p.last.after = e
	}
	p.last = e
}

// pass takes note of an offset that was finished before.
func (p *progress) pass(offset int64) {
	p.next = offset + 1
	p.raise(p.last, p.next)
}

// finish takes a message out.
func (p *progress) finish(e *entry) {
	if e.offset < p.high {
		p.below--
	} else {
		p.raise(e.before, e.offset+1)
	}
	if e.before == nil {
		p.first = e.after
	} else {
		e.before.after = e.after
	}
	if e.after == nil {
		p.last = e.before
	} else {
		e.after.before = e.before
	}
	e.before, e.after = nil, nil
	delete(p.deferred, e.offset)
}

// raise moves high up; last is the last unfinished one below that.
func (p *progress) raise(last *entry, high int64) {
	for e := last; e != nil && e.offset >= p.high; e = e.before {
		p.below++
	}
	p.high = max(p.high, high)
}

// remember keeps a message's attempts and due time beyond the process.
func (p *progress) remember(e *entry) { p.deferred[e.offset] = e }

// base is the offset below which all is finished: the one to commit.
func (p *progress) base() int64 {
	if p.first != nil {
		return p.first.offset
	}
	return p.next
}

// Kafka takes 4,096 bytes of metadata with an offset unless it is told otherwise; base64 makes four of three.
const (
	metadataVersion = 1 // without times since when messages wait
	metadataWaiting = 2 // with them
	metadataRest    = 3 // and with how many are finished beyond the runs that fit
	metadataOrigin  = 4 // and with the offset at which the group began when it was new
	metadataBytes   = 3000
	metadataEntries = 100
	metadataFits    = 500     // unfinished messages whose runs fit in any case
	metadataSteps   = 1 << 16 // unfinished messages that are looked at
)

// encode writes, in at most limit bytes, what is finished beyond the base and what was deferred. What does not fit is
// given again after a crash, and begins with its first attempt.
//
// Its form: the version, the topic's id, in version 4 the group's origin (8 bytes), from version 3 on how many are finished beyond
// the runs (8 bytes), the number of deferred messages and of each the offset (as the distance from
// the one before, or the base), the attempt, the due time and, from version 2 on, since when it waits for a
// system (0: it does not), both in milliseconds; then, to the end, the lengths of runs of
// unfinished and finished offsets in turn, from the base.
func (p *progress) encode(limit int) string {
	base := p.base()
	offsets := make([]int64, 0, len(p.deferred))
	for offset := range p.deferred {
		offsets = append(offsets, offset)
	}
	slices.Sort(offsets)
	offsets = offsets[:min(len(offsets), metadataEntries)]
	version := byte(metadataVersion)
	if slices.ContainsFunc(offsets, func(at int64) bool { return !p.deferred[at].since.IsZero() }) {
		version = metadataWaiting
	}
	if p.below > metadataFits {
		version = metadataRest
	}
	b := append(make([]byte, 0, 64), version)
	b = append(b, p.topic[:]...)
	if p.origin >= 0 {
		b[0], version = metadataOrigin, metadataOrigin
		b = binary.BigEndian.AppendUint64(b, uint64(p.origin))
	}
	if version >= metadataRest {
		b = append(b, make([]byte, 8)...) // filled in below
	}
	restAt := len(b) - 8
	b = binary.AppendUvarint(b, uint64(len(offsets)))
	before := base
	for _, offset := range offsets {
		e := p.deferred[offset]
		b = binary.AppendUvarint(b, uint64(offset-before))
		b = binary.AppendUvarint(b, uint64(e.attempt))
		due := uint64(0)
		if !e.due.IsZero() {
			due = uint64(e.due.Add(time.Millisecond - 1).UnixMilli())
		}
		b = binary.AppendUvarint(b, due)
		if version >= metadataWaiting {
			since := uint64(0)
			if !e.since.IsZero() {
				since = uint64(e.since.UnixMilli())
			}
			b = binary.AppendUvarint(b, since)
		}
		before = offset
	}
	b, told := p.appendRuns(b, base, limit)
	if version >= metadataRest {
		binary.BigEndian.PutUint64(b[restAt:], uint64(max(p.high-base-p.below-told, 0)))
	}
	return base64.RawStdEncoding.EncodeToString(b)
}

// appendRuns appends how many offsets after base are finished and unfinished by turns, as far as there is room; told is how many finished
// ones it says.
func (p *progress) appendRuns(b []byte, base int64, limit int) (_ []byte, told int64) {
	at, steps, most := base, 0, math.MaxInt
	if limit <= metadataBytes { // it is told many times a second
		most = metadataSteps
	}
	for e := p.first; e != nil && at < p.high && steps < most && len(b) < limit-2*binary.MaxVarintLen64; {
		begin := e.offset
		if begin >= p.high {
			break
		}
		if begin > at {
			b = binary.AppendUvarint(b, uint64(begin-at)) // finished
			told += begin - at
		}
		end := begin + 1
		for e = e.after; e != nil && e.offset == end && end < p.high && steps < most; e = e.after {
			end++
			steps++
		}
		b = binary.AppendUvarint(b, uint64(end-begin)) // unfinished
		steps++
		at = end
		if steps >= most && e != nil && e.offset == end {
			break // the rest of the run is not told: it counts as unfinished
		}
		if e == nil || e.offset >= p.high {
			if at < p.high {
				b = binary.AppendUvarint(b, uint64(p.high-at))
				told += p.high - at
			}
			break
		}
	}
	return b, told
}

// past is what a group's committed offset and its metadata tell.
type past struct {
	topic    sarama.Uuid // zero if it does not tell
	base     int64
	origin   int64   // from which on messages are the group's; -1 if it does not tell
	runs     []int64 // ends of runs of unfinished and finished offsets in turn, from the base
	deferred map[int64]deferral
	rest     int64  // how many are finished beyond the runs, nobody knows which
	metadata string // as the cluster has it; not set by decode
}

type deferral struct {
	attempt int
	due     time.Time
	since   time.Time
}

var errMetadata = errors.New("the metadata of the group's offset is not ours")

// decode reads what encode wrote. What others wrote says nothing but the offset.
func decode(base int64, metadata string) (past, error) {
	p := past{base: base, origin: -1}
	b, err := base64.RawStdEncoding.DecodeString(metadata)
	if err != nil || len(b) < 1+len(p.topic) || b[0] < metadataVersion || b[0] > metadataOrigin {
		return p, errMetadata
	}
	waiting, rest, origin := b[0] >= metadataWaiting, b[0] >= metadataRest, b[0] == metadataOrigin
	copy(p.topic[:], b[1:])
	b = b[1+len(p.topic):]
	if origin {
		if len(b) < 8 {
			return past{base: base, origin: -1}, errMetadata
		}
		p.origin = int64(min(binary.BigEndian.Uint64(b), math.MaxInt64))
		b = b[8:]
	}
	if rest {
		if len(b) < 8 {
			return past{base: base, origin: -1}, errMetadata
		}
		p.rest = int64(min(binary.BigEndian.Uint64(b), math.MaxInt64))
		b = b[8:]
	}
	good := true
	number := func() int64 {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > math.MaxInt64 {
			good, b = false, nil
			return 0
		}
		b = b[size:]
		return int64(n)
	}
	p.deferred = map[int64]deferral{}
	at := base
	for range min(number(), metadataEntries) {
		at += number()
		d := deferral{attempt: int(min(number(), math.MaxInt32))}
		if due := number(); due > 0 {
			d.due = time.UnixMilli(due)
		}
		if waiting {
			if since := number(); since > 0 {
				d.since = time.UnixMilli(since)
			}
		}
		p.deferred[at] = d
	}
	at = base
	for len(b) > 0 {
		at += number()
		good = good && at >= base // no overflow
		p.runs = append(p.runs, at)
	}
	if !good {
		return past{base: base, origin: -1}, errMetadata
	}
	return p, nil
}

// finished reports whether the message at offset was finished.
func (p past) finished(offset int64) bool {
	if offset < p.base {
		return true
	}
	run := sort.Search(len(p.runs), func(i int) bool { return p.runs[i] > offset })
	return run < len(p.runs) && run%2 == 1
}
