package codec

import "sync"

// largeBuffer is the size from which a buffer is grown by us: append grows large ones by a quarter, and leaves five
// times their size as garbage.
const largeBuffer = 256 << 10

// growth is how many times larger a large buffer becomes when it is full.
const growth = 4

// idle holds large buffers between two writings, so that many large answers do not make garbage of many megabytes each.
var idle sync.Pool // of *[]byte

// keptFrom and keptTo are the sizes of buffers that are kept.
const (
	keptFrom = 2 << 20
	keptTo   = DefaultLimit + slack
)

// slack is the room beyond a limit for what closes the lists and records that are open.
const slack = 64 << 10

// Reserve returns dst with room for n more bytes where it is large and nearly full. limit is where the writing ends.
func Reserve(dst []byte, n, limit int) []byte {
	if cap(dst)-len(dst) >= n || cap(dst) < largeBuffer {
		return dst
	}
	size := max(len(dst)+n, min(growth*cap(dst), limit)) + slack
	if size >= keptFrom {
		if b, ok := idle.Get().(*[]byte); ok && cap(*b) >= size {
			return append((*b)[:0], dst...)
		}
	}
	return append(make([]byte, 0, size), dst...)
}

// Recycle takes a buffer that nobody refers to any more, for a later writing.
func Recycle(b []byte) {
	if n := cap(b); n >= keptFrom && n <= keptTo {
		b = b[:0]
		idle.Put(&b)
	}
}
