package records

import (
	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Declaration is what YAML says of one format. Spec declares its fields, and Compile makes the Format when they were read.
type Declaration struct {
	name   config.Text
	csv    *csvWords
	fixed  *fixedWords
	json   *jsonWords
	fields []entry
	kinds  []*kindWords
	limit  int64
}

// entry is a field with what stands under it.
type entry struct {
	key   config.Text
	value *config.Node
}

// NewDeclaration returns an empty declaration of the format called name.
func NewDeclaration(name config.Text) *Declaration {
	return &Declaration{name: name, limit: defaultLimit}
}

// defaultLimit is how long a record may be where nothing is declared.
const defaultLimit = 1 << 20

// csvWords is what stands under csv:.
type csvWords struct {
	separator, quote, quoting string
	decimal, grouping         string
	encoding, ends            string
	formulas, others          string
	header, trim, ctrlZ       bool
	skip                      int
	at                        diag.Pos
}

// fixedWords is what stands under fixed:.
type fixedWords struct {
	encoding, ends, decimal string
	length                  int
	trimmed, ctrlZ          bool
}

// jsonWords is what stands under json_lines:.
type jsonWords struct {
	others string
}

// kindWords is one kind of record of a fixed-width file.
type kindWords struct {
	name     config.Text
	when     *whenWords
	many     bool
	optional bool
	fields   []entry
	check    []checkWords
	kinds    []*kindWords
}

// whenWords is the mark that distinguishes a kind of record from the others.
type whenWords struct {
	at int
	is []config.Text
}

// checkWords is a field of a trailer with the figure that it must hold.
type checkWords struct {
	field  config.Text
	figure *config.Node
}

// Spec declares the words of a format.
func (d *Declaration) Spec(o *spec.Object) {
	o.Object("csv", d.csvSpec).Doc("A file of values with separators between them: CSV in any of its dialects.")
	o.Object("fixed", d.fixedSpec).Doc("A file of records of fixed width: each field has its place, counted in bytes.")
	o.Object("json_lines", d.jsonSpec).Doc("A file with one JSON object a line.")
	o.Entries("fields", fieldSchema(), func(key config.Text, value *config.Node, _ *diag.List) {
		d.fields = append(d.fields, entry{key, value})
	}).Rows(fieldWordsOf(allKeys)).Doc("The fields of a record and their schemas, with the words of the format beside those of the schema; " +
		"of a format with one kind of record.")
	o.Entries("records", spec.Schema{"type": "object"}, func(key config.Text, value *config.Node, out *diag.List) {
		d.kinds = append(d.kinds, decodeKind(key, value, out))
	}).Rows((&kindWords{}).spec).Doc("The kinds of records of a fixed-width file, in the order in which they stand in it.")
	o.Size("max_record", &d.limit).Doc("How long a record may be. A longer one is bad.").Default("1MiB")
}

func (d *Declaration) csvSpec(o *spec.Object) {
	w := &csvWords{
		separator: ",", quote: `"`, quoting: "needed", decimal: ".", encoding: utf8Name, ends: endsAny, formulas: formulasGuard,
		others: othersRefuse, header: true,
	}
	d.csv = w
	o.String("separator", &w.separator).At(&w.at).Default(",").Example(";").
		Doc(`What stands between two values: one character. "\t" is a tab.`)
	o.Enum("quote", &w.quote, `"`, "'", "none").Default(`"`).
		Doc("What stands around a value that holds a separator, a quote or a line end. A quote within is doubled.")
	o.Enum("quoting", &w.quoting, "needed", "all").Default("needed").Doc("Which values are written in quotes.")
	o.Bool("header", &w.header).Default("true").Doc("The first line names the columns, which may stand in any order. false: they " +
		"stand in the order of fields.")
	o.Enum("others", &w.others, othersRefuse, othersIgnore).Default(othersRefuse).
		Doc("What happens with a column that is none of the fields. refuse: the file is refused.")
	o.Enum("decimal", &w.decimal, ".", ",").Default(".").Doc("What stands before the decimals of a number.")
	o.Enum("grouping", &w.grouping, ".", ",", "'", " ").Doc("What may stand between groups of three digits when numbers are read, as in " +
		"1.234,56.")
	o.Enum("encoding", &w.encoding, asciiNames...).Default(utf8Name).Doc("The charset. A byte order mark of UTF-8 is passed over.")
	o.Enum("ends", &w.ends, endsAny, endsCRLF, endsLF).Default(endsAny).
		Doc("How a line ends. any: either way, and it is written as crlf.")
	o.Bool("trim", &w.trim).Default("false").Doc("Blanks around a value that has no quotes do not belong to it.")
	o.Int("skip", &w.skip).Range(0, 1000).Default("0").Doc("How many lines stand before the header or the first record and say nothing.")
	o.Enum("formulas", &w.formulas, formulasGuard, formulasRefuse, formulasKeep).Default(formulasGuard).
		Doc("What happens when a text is written that a spreadsheet would take for a formula, as one that begins with =, +, -, @, a tab or a " +
			"carriage return. guard: a ' is put before it. refuse: it is not written. keep: it is written as it is, which is right only if no " +
			"person opens the file.")
	o.Bool("ctrl_z", &w.ctrlZ).Default("false").Doc("The file may end with the byte 0x1A, as files of DOS did.")
}

func (d *Declaration) fixedSpec(o *spec.Object) {
	w := &fixedWords{encoding: utf8Name, decimal: "."}
	d.fixed = w
	o.Int("length", &w.length).Range(1, 1<<20).Doc("How many bytes a record has, without its line end. Without it a record is as " +
		"long as its fields reach.")
	o.Enum("encoding", &w.encoding, allNames...).Default(utf8Name).Doc("The charset. Places and lengths are counted in bytes whatever it is.")
	o.Enum("ends", &w.ends, endsAny, endsCRLF, endsLF, endsNone).Default("any, and none in EBCDIC").
		Doc("How a record ends. none: the next one follows at once. any: with CRLF or LF, and it is written as crlf.")
	o.Enum("decimal", &w.decimal, ".", ",").Default(".").Doc("What stands before the decimals of a number that has no implied ones.")
	o.Bool("trimmed", &w.trimmed).Default("false").Doc("Blanks at the end of a line may be missing.")
	o.Bool("ctrl_z", &w.ctrlZ).Default("false").Doc("The file may end with the byte 0x1A, as files of DOS did.")
}

func (d *Declaration) jsonSpec(o *spec.Object) {
	w := &jsonWords{others: othersRefuse}
	d.json = w
	o.Enum("others", &w.others, othersRefuse, othersIgnore).Default(othersRefuse).
		Doc("What happens with a member that is none of the fields. refuse: the record is bad.")
}

// decodeKind reads one kind of record.
func decodeKind(key config.Text, value *config.Node, out *diag.List) *kindWords {
	k := &kindWords{name: key}
	spec.Decode(value, out, k.spec)
	return k
}

// spec declares the words of a kind of record.
func (k *kindWords) spec(o *spec.Object) {
	o.Object("when", func(o *spec.Object) {
		k.when = &whenWords{}
		o.Int("at", &k.when.at).Required().Range(1, 1<<20).Doc("The byte, from 1, at which the mark stands that tells the kind.")
		o.Texts("is", &k.when.is).Required().Doc("The mark, or several of the same length. The first is written.")
	}).Doc("How a record of this kind is told from the others. One kind may leave it out: all others are of it.")
	o.Bool("many", &k.many).Default("false").Doc("There may be any number of them one after the other. Otherwise there is one.")
	o.Bool("optional", &k.optional).Default("false").Doc("It may be missing.")
	o.Entries("fields", fieldSchema(), func(key config.Text, value *config.Node, _ *diag.List) {
		k.fields = append(k.fields, entry{key, value})
	}).Doc("The fields and their places, with the words of the format as above.")
	o.Entries("check", spec.Schema{"type": "string"}, func(key config.Text, value *config.Node, _ *diag.List) {
		k.check = append(k.check, checkWords{key, value})
	}).Doc("What fields of this record say of others: count(KIND) or sum(KIND.FIELD), several joined by + and -. When read they are " +
		"compared, when written computed.").Example("{ righe: count(dettaglio), totale: sum(dettaglio.importo) }")
	o.Entries("records", spec.Schema{"type": "object"}, func(key config.Text, value *config.Node, out *diag.List) {
		k.kinds = append(k.kinds, decodeKind(key, value, out))
	}).Doc("Kinds of records that follow each of these, as the lines of an order, declared likewise.")
}

const (
	endsAny, endsCRLF, endsLF, endsNone         = "any", "crlf", "lf", "none"
	othersRefuse, othersIgnore                  = "refuse", "ignore"
	formulasGuard, formulasRefuse, formulasKeep = "guard", "refuse", "keep"
)
