package record

import (
	"slices"
	"strings"
)

// Kind is a kind of rows that a state holds, as any database has them: states are copied by kinds. What only one database keeps beside,
// as what a row is looked for by, that one makes of the row.
type Kind struct {
	Name    string // for operators, in the plural
	Table   string // "" for what is in no table of its own
	Columns []Column
	Keys    int // so many columns at the beginning tell rows apart, and are their order
	Page    int // how many rows are read at a time
}

// Column is a column of a kind.
type Column struct {
	Name string
	As   ColumnType
}

// ColumnType says what a column holds.
type ColumnType int

// The types of columns.
const (
	Number ColumnType = iota // int64
	Text                     // string
	Octets                   // []byte
	Closed                   // Sealed: a text, or what a data key made of it
	KeyRef                   // int64: the number of a data key, 0 for none
	Blind                    // []byte: what an encrypted text is looked for by; none of a row that is not encrypted
)

// Row holds the values of a kind's columns.
type Row []any

// How many rows are read at a time: of those that hold bodies fewer.
const (
	manyRows = 1000
	someRows = 50
)

// The kinds that are in no table of their own in one of the databases.
const (
	InboxKind    = "finished messages"
	SettingsKind = "settings"
	NumbersKind  = "numbers given"
)

// Kinds are all kinds, in an order in which each comes after those that it refers to. NumbersKind has for each table that draws numbers
// the highest that it ever gave, and under TakeNumber that of collections that were taken.
var Kinds = []*Kind{
	kind("data keys", "data_key", 1, manyRows, "id subject' master' wrapped* used"),
	kind(InboxKind, "", 2, manyRows, "at id*"),
	kind("answers under keys", "idempotency", 1, someRows, "token id* body* since lease keep until status header* answer* sum dk^ marks'"),
	kind("operations", "operation", 1, someRows,
		"seq id' route' owner' state' created updated reply_to~ status body_sum ended sum dk^ marks' header* body*"),
	kind("dead letters", "letter", 1, manyRows, "seq id' topic' grp' route' key~ message' reason' detail~ trace' attempts first kept state' "+
		"by' at replays size weight holding place' result' sum dk^ marks' blind%"),
	kind("what dead letters hold", "letter_body", 1, someRows, "seq header* body*"),
	kind("history of dead letters", "letter_event", 1, manyRows, "seq letter at what' who' why~ detail~ sum dk^"),
	kind("counts of letters let go", "gone", 2, manyRows, "topic' grp' letters replays sum"),
	kind("counts of messages ended", "ended", 3, manyRows, "topic' grp' word' n sum"),
	kind("schedules", "schedule", 1, manyRows, "name' owner' epoch until last place' sum"),
	kind("collections", "collection", 1, manyRows, "id route' key~ count due token sum dk^ blind%"),
	kind("collected messages", "item", 2, someRows, "collection n mark* body* sum dk^ marks'"),
	kind("sequences", "sequence", 1, manyRows, "name' last sum"),
	kind("numbers drawn", "drawn", 2, manyRows, "name' mark* number at sum"),
	kind("keys that may come once", "replay", 1, manyRows, "id* until"),
	kind("intents", "intent", 1, manyRows, "id* exchange* operation' at sum"),
	kind("audit", "audit", 1, manyRows, "n at who' what' subject' why' former* hash*"),
	kind(SettingsKind, "", 1, manyRows, "name' value'"),
	kind(NumbersKind, "", 1, manyRows, "name' last"),
}

// TakeNumber is the name of the numbers of collections that were taken.
const TakeNumber = "take"

// Numbered are the tables that give numbers.
var Numbered = []string{"data_key", "idempotency", "operation", "letter", "letter_event", "collection"}

// Settings are the names in the table meta of what goes with a state that is copied; the others are of the place where it is.
var Settings = []string{"audit head", RestoredKey, "secret"}

// kind reads columns: a text ends with ', octets with *, what may be encrypted with ~, the reference to a data key with ^, and what stands
// for an encrypted text with %.
func kind(name, table string, keys, page int, columns string) *Kind {
	k := &Kind{Name: name, Table: table, Keys: keys, Page: page}
	for _, c := range strings.Fields(columns) {
		as := Number
		switch c[len(c)-1] {
		case '\'':
			as = Text
		case '*':
			as = Octets
		case '~':
			as = Closed
		case '^':
			as = KeyRef
		case '%':
			as = Blind
		default:
			c += " "
		}
		k.Columns = append(k.Columns, Column{c[:len(c)-1], as})
	}
	return k
}

// Column returns the place of a column in a row, -1 for none.
func (k *Kind) Column(name string) int {
	return slices.IndexFunc(k.Columns, func(c Column) bool { return c.Name == name })
}

// Names returns the names of the columns.
func (k *Kind) Names() (names []string) {
	for _, c := range k.Columns {
		names = append(names, c.Name)
	}
	return names
}

// Scan returns where one row is to be read into, and a function that returns the row afterwards.
func (k *Kind) Scan() (to []any, row func() Row) {
	for _, c := range k.Columns {
		switch c.As {
		case Text:
			to = append(to, new(string))
		case Octets, Blind:
			to = append(to, new([]byte))
		case Closed:
			to = append(to, new(Sealed))
		default:
			to = append(to, new(int64))
		}
	}
	return to, func() Row {
		r := make(Row, len(to))
		for i, v := range to {
			switch v := v.(type) {
			case *string:
				r[i] = *v
			case *[]byte:
				r[i] = Blob(*v)
			case *Sealed:
				r[i] = *v
			case *int64:
				r[i] = *v
			}
		}
		if at := k.Column("blind"); at >= 0 && r[k.Column("dk")] == int64(0) {
			r[at] = []byte{}
		}
		return r
	}
}

// Last returns the statement of the row whose key is the greatest, where its key is read into, and what returns the key afterwards. A kind
// without a table has none.
func (k *Kind) Last() (statement string, to []any, key func() []any) {
	to, row := k.Scan()
	names := k.Names()[:k.Keys]
	statement = "select " + strings.Join(names, ", ") + " from " + k.Table + " order by " + strings.Join(names, " desc, ") + " desc limit 1"
	return statement, to[:k.Keys], func() []any { return k.Key(row()) }
}

// Key returns the values that tell the row apart.
func (k *Kind) Key(r Row) []any { return r[:k.Keys] }

// Size returns how many octets the row takes, about.
func (r Row) Size() (n int) {
	for _, v := range r {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		case Sealed:
			n += len(v)
		default:
			n += 8
		}
	}
	return n
}
