package schedule

import (
	"strconv"
	"strings"
)

// sundays writes a day-of-the-week field without 7, which stands for Sunday as 0 does (crontab(5)): 5-7 becomes 5,6,0.
// A range that ends with sun ends with 7. What has no 7, or cannot be read, stays as it is.
func sundays(field string) string {
	list := strings.Split(field, ",")
	for i, part := range list {
		span, by, stepped := strings.Cut(part, "/")
		from, to, ranged := strings.Cut(span, "-")
		if strings.EqualFold(to, "sun") && !strings.EqualFold(from, "sun") {
			to = "7"
		}
		if from != "7" && to != "7" {
			continue
		}
		first, ok := weekday(from)
		last, step := first, 1
		if ranged {
			last = 7
			ok = ok && to == "7"
		}
		if stepped {
			n, err := strconv.ParseUint(by, 10, 8)
			ok = ok && err == nil && n > 0
			step = int(n)
		}
		if !ok {
			continue
		}
		var days []string
		for day := first; day <= last; day += step {
			days = append(days, strconv.Itoa(day%7))
		}
		list[i] = strings.Join(days, ",")
	}
	return strings.Join(list, ",")
}

// weekday returns the number of a day's number or name.
func weekday(text string) (int, bool) {
	for i, name := range [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat", "7"} {
		if strings.EqualFold(text, name) || text == strconv.Itoa(i) {
			return i, true
		}
	}
	return 0, false
}
