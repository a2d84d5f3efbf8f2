package postgrestest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/PID/stat on Linux.
const tick = 10 * time.Millisecond

// CPU returns what the processes of the server that run now have used, and those that ended before; 0 where there is no /proc.
func (s *Server) CPU() (used time.Duration) {
	if s.process == nil {
		return 0
	}
	pid := s.process.Process.Pid
	used = ticks(pid, 13, 14, 15, 16) // with its children that ended
	for _, child := range children(pid) {
		used += ticks(child, 13, 14)
	}
	return used
}

// ticks adds up fields of /proc/PID/stat, by their place.
func ticks(pid int, fields ...int) (used time.Duration) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // after the name, which may hold spaces
	list := strings.Fields(rest)
	for _, f := range fields {
		if at := f - 2; at < len(list) {
			n, _ := strconv.ParseInt(list[at], 10, 64)
			used += time.Duration(n) * tick
		}
	}
	return used
}
