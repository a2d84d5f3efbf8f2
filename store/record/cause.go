package record

import "fondaco/store"

// Causes is the statement that counts letters by cause: of those that the condition finds, as many causes as its last parameter says.
func Causes(where string) string {
	return "select topic, grp, route, reason, count(*), min(kept), max(kept) from letter where " + where +
		" group by topic, grp, route, reason order by count(*) desc, topic, grp, route, reason limit ?"
}

// Cause reads a row of it.
func Cause(rows interface{ Scan(to ...any) error }) (c store.LetterCause, err error) {
	var first, last int64
	err = rows.Scan(&c.Topic, &c.Group, &c.Route, &c.Reason, &c.Letters, &first, &last)
	c.First, c.Last = Moment(first), Moment(last)
	return c, err
}
