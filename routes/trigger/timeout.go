package trigger

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// TimeoutHeader is the request's header by which a caller shortens the time that an exchange may take, in seconds.
const TimeoutHeader = "X-Request-Timeout"

// Timeout returns how long an exchange may take: most, or less if the request's head asks for less.
func Timeout(head http.Header, most time.Duration) (time.Duration, *Problem) {
	asked, ok := head[TimeoutHeader]
	if !ok {
		return most, nil
	}
	seconds, err := strconv.ParseFloat(asked[0], 64)
	if err != nil || len(asked[0]) > 16 || !(seconds > 0) || strings.Trim(asked[0], "0123456789.") != "" {
		return 0, &Problem{
			Status: http.StatusBadRequest, Detail: "The header " + TimeoutHeader + " is a number of seconds greater than zero.",
			Errors: []Invalid{{Parameter: TimeoutHeader, Detail: "expected seconds, as 2 or 0.5"}},
		}
	}
	if seconds >= most.Seconds() {
		return most, nil
	}
	return max(time.Duration(seconds*float64(time.Second)), time.Millisecond), nil
}
