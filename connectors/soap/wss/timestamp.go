package wss

import "time"

const instant = "2006-01-02T15:04:05.000Z"

// appendTimestamp appends a wsu:Timestamp.
func appendTimestamp(dst []byte, created, expires time.Time, id string) []byte {
	dst = created.UTC().AppendFormat(append(dst, `<wsu:Timestamp xmlns:wsu="`+wsuSpace+`" wsu:Id="`+id+`"><wsu:Created>`...), instant)
	dst = expires.UTC().AppendFormat(append(dst, "</wsu:Created><wsu:Expires>"...), instant)
	return append(dst, "</wsu:Expires></wsu:Timestamp>"...)
}

// readTimestamp returns the two dates. A Timestamp that does not expire is refused: ModI demands both.
func readTimestamp(n *node) (created, expires time.Time, err error) {
	bad := refuse(TimestampForm, "")
	dates, only := n.elements()
	if len(dates) != 2 || !only || !dates[0].is(wsuSpace, "Created") || !dates[1].is(wsuSpace, "Expires") {
		return created, expires, bad
	}
	for i, at := range []*time.Time{&created, &expires} {
		text, ok := dates[i].content()
		t, err := time.Parse(time.RFC3339Nano, text)
		if !ok || err != nil {
			return created, expires, bad
		}
		*at = t
	}
	if !expires.After(created) {
		return created, expires, bad
	}
	return created, expires, nil
}

// current reports whether a message of these dates is good now.
func (v *Verifier) current(created, expires, now time.Time) error {
	switch {
	case created.After(now.Add(v.skew())):
		return refuse(TimestampFuture, "")
	case !expires.After(now):
		return refuse(TimestampExpired, "")
	case created.Before(now.Add(-v.maxAge())):
		return refuse(TimestampOld, "")
	}
	return nil
}
