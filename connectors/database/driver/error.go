package driver

import "context"

// Kind says what went wrong.
type Kind uint8

// The kinds of errors.
const (
	Down       Kind = iota + 1 // the database was not reached, or lets us not in
	Lost                       // the connection broke with a statement under way
	Late                       // the database gave the statement up, as it took too long or was cancelled
	Busy                       // a deadlock, a serialization failure or a lock that was not had: the statement was undone
	Unique                     // there is a row with this key already
	ForeignKey                 // a row that is named is not there, or is named elsewhere
	Check                      // a check constraint says no
	NotNull                    // a value is missing
	Data                       // a value does not fit its column
	Raised                     // the database's own code says no, with a text of its own
	Denied                     // we may not do this
	Schema                     // the statement does not fit the database's tables
	Other
)

var words = [...]string{
	Down: "down", Lost: "lost", Late: "late", Busy: "busy", Unique: "unique", ForeignKey: "foreign-key", Check: "check",
	NotNull: "not-null", Data: "data", Raised: "raised", Denied: "denied", Schema: "schema", Other: "other",
}

// String returns the word by which rules of a connector know the kind, as foreign-key.
func (k Kind) String() string { return words[k] }

// KindOf returns the kind that a word names, 0 if it names none.
func KindOf(word string) Kind {
	for k, w := range words {
		if w == word && k > 0 {
			return Kind(k)
		}
	}
	return 0
}

// Error is what a database said, or that it could not be asked.
type Error struct {
	Kind                      Kind
	Code                      string // the database's own: of SQLSTATE, or a number
	Text                      string // in the database's words. It may hold values of rows, and is not for logs
	Constraint, Table, Column string
	Sent                      bool // the statement may have reached the database
	Err                       error
}

var tells = [...]string{
	Down: "the database cannot be reached", Lost: "the connection broke", Late: "the database gave the statement up",
	Busy: "a deadlock or a lock that others hold", Unique: "a unique constraint", ForeignKey: "a foreign key",
	Check: "a check constraint", NotNull: "a value is missing that may not be null", Data: "a value does not fit its column",
	Raised: "the database's own code refuses it", Denied: "the database does not allow it to this user",
	Schema: "the statement does not fit the database's tables", Other: "the database reports an error",
}

// Error says what happened without values of rows.
func (e *Error) Error() string {
	s := tells[e.Kind]
	if e.Constraint != "" {
		s += " " + e.Constraint
	}
	if e.Column != "" {
		s += ", column " + e.Column
	}
	if e.Table != "" {
		s += ", table " + e.Table
	}
	if e.Code != "" {
		s += " (" + e.Code + ")"
	}
	switch {
	case e.Kind == Schema && e.Text != "": // it holds names alone
		s += ": " + e.Text
	case e.Err != nil && (e.Kind == Down || e.Kind == Lost):
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Broken returns the error of a connection that failed, with what the context says where it has ended.
func Broken(ctx context.Context, err error, sent bool) *Error {
	if ended := ctx.Err(); ended != nil {
		err = ended
	}
	kind := Down
	if sent {
		kind = Lost
	}
	return &Error{Kind: kind, Sent: sent, Err: err}
}

// NoColumn returns the error of a statement that lacks a column that is wanted.
func NoColumn(name string) *Error {
	return &Error{Kind: Schema, Sent: true, Column: name, Text: "the statement returns no such column"}
}
