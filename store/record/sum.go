package record

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"

	"fondaco/store"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Sum is a row's check sum over parts (integers, texts and octets), each told from its neighbours.
func Sum(parts ...any) int64 {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int64:
			b = binary.AppendVarint(b, p)
		case int:
			b = binary.AppendVarint(b, int64(p))
		case string:
			b = append(binary.AppendUvarint(b, uint64(len(p))), p...)
		case Sealed:
			b = append(binary.AppendUvarint(b, uint64(len(p))), p...)
		case []byte:
			b = binary.AppendUvarint(b, uint64(len(p)))
			b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(p, castagnoli))
		default:
			panic(fmt.Sprintf("no sum over a %T", p))
		}
	}
	return int64(crc32.Checksum(b, castagnoli))
}

// Damaged returns the error of a record that is not as it was written: store.ErrDamaged. The place names no value of it.
func Damaged(place string, row int64) error {
	return fmt.Errorf("%w: %s, row %d; the others are good; restore the state from a backup, or remove that row", store.ErrDamaged, place, row)
}

// Micro is a time as it is kept: microseconds since 1970, 0 for the zero time.
func Micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Moment reads Micro back.
func Moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// Packed is a header as it is kept.
func Packed(header [][2]string) []byte {
	b := []byte{}
	for _, h := range header {
		for _, s := range h {
			b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
		}
	}
	return b
}

// Unpacked reads Packed back. A row's sum is checked before, so that an error is a fault of the writer.
func Unpacked(b []byte) (header [][2]string, err error) {
	for len(b) > 0 {
		var h [2]string
		for i := range h {
			n, w := binary.Uvarint(b)
			if w <= 0 || n > uint64(len(b)-w) {
				return nil, fmt.Errorf("%w: a header ends early", store.ErrDamaged)
			}
			h[i] = string(b[w : w+int(n)])
			b = b[w+int(n):]
		}
		header = append(header, h)
	}
	return header, nil
}

// Blob is a value for a column that is never null.
func Blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
