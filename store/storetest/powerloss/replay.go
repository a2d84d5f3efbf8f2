package powerloss

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// Moments returns how many there are: a power loss may be asked for at 1 to that.
func (l *Log) Moments() int { return l.end }

// Changes returns how often a file was written or cut.
func (l *Log) Changes(name string) int {
	if h := l.files[name]; h != nil {
		return len(h.changes)
	}
	return 0
}

// Amid returns a moment, as random says, at which a file had just been written; any moment if it never was.
func (l *Log) Amid(name string, random *rand.Rand) (moment int) {
	if n := l.Changes(name); n > 0 {
		return l.files[name].changes[random.IntN(n)].end + 1
	}
	return 1 + random.IntN(l.end)
}

const sector = 512

// At writes into the folder, which is there, what the power loss at a moment leaves of the files, and returns what the
// process had told by then. Of what was not safe nothing is left where random is nil, and else as much as it says.
func (l *Log) At(t *testing.T, moment int, random *rand.Rand, folder string) (told string) {
	t.Helper()
	left := map[string][]byte{}
	for name, content := range l.before {
		left[name] = append([]byte{}, content...)
	}
	for name, h := range l.files {
		left[name] = h.at(left[name], moment, random)
	}
	for name, content := range left {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range l.told {
		if x.moment < moment {
			told += string(x.text)
		}
	}
	return told
}

// at returns a file's content after the power loss.
func (h *history) at(content []byte, moment int, random *rand.Rand) []byte {
	safe := 0 // what had returned before this moment is safe
	for _, s := range h.syncs {
		if s.end < moment {
			safe = max(safe, s.begin)
		}
	}
	for _, c := range h.changes {
		switch {
		case c.begin >= moment:
		case c.end < safe:
			content = c.apply(content, func() bool { return true })
		case random != nil:
			content = c.apply(content, func() bool { return random.IntN(2) == 0 })
		}
	}
	return content
}

// apply makes a change, or those sectors of it that are there.
func (c change) apply(content []byte, there func() bool) []byte {
	if c.data == nil {
		if there() {
			content = resized(content, c.at)
		}
		return content
	}
	for from := int64(0); from < int64(len(c.data)); {
		to := min((c.at+from)/sector*sector+sector-c.at, int64(len(c.data)))
		if there() {
			if int64(len(content)) < c.at+to {
				content = resized(content, c.at+to)
			}
			copy(content[c.at+from:c.at+to], c.data[from:to])
		}
		from = to
	}
	return content
}

func resized(content []byte, size int64) []byte {
	if int64(len(content)) >= size {
		return content[:size]
	}
	return append(content, make([]byte, size-int64(len(content)))...)
}
