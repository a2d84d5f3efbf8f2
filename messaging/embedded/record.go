package embedded

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"

	"fondaco/messaging"
)

// record is one message as it is stored.
type record struct {
	seq     int64
	key     string
	due, at int64 // Unix nanoseconds, 0 for none
	headers []byte
	body    []byte
	sum     uint32 // of key, due, headers and body; seal adds the seq, and the data key

	marks string // of whom it speaks; not stored by itself
	dk    int64  // the data key that encrypted it; 0 for none: see sealed.go
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func newRecord(m messaging.Message, at time.Time) record {
	r := record{key: m.Key, at: at.UnixNano(), body: append([]byte{}, m.Body...), marks: m.Extension(messaging.ExtensionMarks)}
	if !m.Due.IsZero() {
		r.due = m.Due.UnixNano()
	}
	headers := m.Headers()
	size := 0
	for _, h := range headers {
		size += len(h.Name) + len(h.Value) + 3 // lengths of one byte and two
	}
	r.headers = make([]byte, 0, size)
	for _, h := range headers {
		r.headers = binary.AppendUvarint(r.headers, uint64(len(h.Name)))
		r.headers = append(r.headers, h.Name...)
		r.headers = binary.AppendUvarint(r.headers, uint64(len(h.Value)))
		r.headers = append(r.headers, h.Value...)
	}
	r.sum = r.summed()
	return r
}

func (r *record) size() int { return len(r.key) + len(r.headers) + len(r.body) + 100 }

func (r *record) summed() uint32 {
	sum := crc32.Update(0, castagnoli, []byte(r.key))
	sum = crc32.Update(sum, castagnoli, binary.LittleEndian.AppendUint64(nil, uint64(r.due)))
	sum = crc32.Update(sum, castagnoli, r.headers)
	return crc32.Update(sum, castagnoli, r.body)
}

// seal is the stored check sum: a row that is damaged, or stands where another belongs, is found.
func (r *record) seal(sum uint32) uint32 {
	sum = crc32.Update(sum, castagnoli, binary.LittleEndian.AppendUint64(nil, uint64(r.seq)))
	if r.dk == 0 {
		return sum
	}
	return crc32.Update(sum, castagnoli, binary.LittleEndian.AppendUint64(nil, uint64(r.dk)))
}

var errHeaders = errors.New("headers end early")

// attributes reads the headers back.
func attributes(b []byte) ([]messaging.Attribute, error) {
	var hs []messaging.Attribute
	part := func() (string, error) {
		n, w := binary.Uvarint(b)
		if w <= 0 || n > uint64(len(b)-w) {
			return "", errHeaders
		}
		s := string(b[w : w+int(n)])
		b = b[w+int(n):]
		return s, nil
	}
	for len(b) > 0 {
		name, err := part()
		if err != nil {
			return hs, err
		}
		value, err := part()
		if err != nil {
			return hs, err
		}
		hs = append(hs, messaging.Attribute{Name: name, Value: value})
	}
	return hs, nil
}
