package engine

import (
	"errors"
	"testing"
)

// TestGroupMemory: the limit of the control group is found in both versions, and the least counts.
func TestGroupMemory(t *testing.T) {
	for _, x := range []struct {
		files map[string]string
		want  int64
	}{
		{nil, 0},
		{map[string]string{"/sys/fs/cgroup/memory.max": "max\n"}, 0},
		{map[string]string{"/sys/fs/cgroup/memory.max": "268435456\n", "/proc/self/cgroup": "0::/\n"}, 256 << 20},
		{map[string]string{"/proc/self/cgroup": "0::/a.slice\n", "/sys/fs/cgroup/a.slice/memory.max": "1000\n"}, 1000},
		{map[string]string{
			"/proc/self/cgroup": "4:cpu:/\n7:memory:/t\n", "/sys/fs/cgroup/memory/t/memory.limit_in_bytes": "2000\n",
			"/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 2000},
	} {
		got := groupMemory(func(file string) ([]byte, error) {
			if text, ok := x.files[file]; ok {
				return []byte(text), nil
			}
			return nil, errors.New("there is no such file")
		})
		if got != x.want {
			t.Errorf("%v: found %d, expected %d", x.files, got, x.want)
		}
	}
}
