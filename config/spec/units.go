package spec

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// longest is the longest duration that a file may name.
const longest = 10 * 366 * 24 * time.Hour

// Rate is a number of things in a time.
type Rate struct {
	Count int
	Per   time.Duration
}

// IsZero reports whether no rate was given.
func (r Rate) IsZero() bool { return r.Count == 0 }

// Span is a time from one length to another.
type Span struct{ From, To time.Duration }

// ParseDuration reads a duration as files write it: numbers with units d, h, m, s, ms, us, ns, no sign but -.
func ParseDuration(text string) (time.Duration, bool) {
	if text == "" || text[0] == '+' {
		return 0, false
	}
	days, rest, found := strings.Cut(text, "d")
	if !found {
		days, rest = "", text
	}
	var total time.Duration
	if found {
		n, err := strconv.Atoi(days)
		if err != nil || n > 3660 || n < -3660 {
			return 0, false
		}
		total = time.Duration(n) * 24 * time.Hour
		if rest == "" {
			return total, true
		}
	}
	if rest == "0" {
		return 0, false
	}
	d, err := time.ParseDuration(rest)
	return total + d, err == nil
}

// Short writes a duration as files do: 30s, 5m, 1h30m.
func Short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func parseSize(text string) (int64, bool) {
	digits := strings.TrimRight(text, "KMGTiB ")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, false
	}
	unit, known := map[string]int64{
		"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	}[strings.TrimPrefix(text[len(digits):], " ")]
	if !known || n > math.MaxInt64/unit || n < 0 {
		return 0, false
	}
	return n * unit, true
}

func parseRate(text string) (Rate, bool) {
	count, unit, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(count)
	per := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[unit]
	return Rate{n, per}, err == nil && per > 0 && n > 0 && n <= 1e9
}

func parseSpan(text string) (Span, bool) {
	low, high, found := strings.Cut(text, "..")
	from, ok := ParseDuration(low)
	if !found {
		return Span{from, from}, ok && from > 0 && from <= longest
	}
	to, ok2 := ParseDuration(high)
	return Span{from, to}, ok && ok2 && from > 0 && to >= from && to <= longest
}
