package records

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"fondaco/schema"
)

// formats are those that the fuzz targets read: one of each kind, and dialects that differ where they can.
var formats = []string{
	school,
	roll,
	"csv: { trim: true, ctrl_z: true, quote: \"'\", ends: any, header: false }\nmax_record: 200B\nfields: { a: {}, b: { nullable: true }, c: { type: number, nullable: true } }",
	"csv: { formulas: keep, quoting: all }\nmax_record: 200B\nfields: { a: { nullable: true, column: \"a,'\\\"\" } }",
	"csv: { quote: none, separator: '\\t', ends: lf, formulas: keep, encoding: cp850 }\nfields: { a: {}, b: { date: d/M/yy, nullable: true } }",
	"fixed: { encoding: ebcdic-1144 }\nfields: { a: { length: 3 }, b: { length: 3, packed: true, decimals: 2 }, c: { length: 2, sign: overpunch } }",
	"fixed: { trimmed: true, ctrl_z: true }\nmax_record: 200B\nfields: { a: { length: 3, nullable: true }, b: { length: 4, type: number, fill: ' ', sign: leading, nullable: true } }",
	"json_lines: {}\nmax_record: 200B\nfields: { a: { type: number }, b: { type: string, required: false, nullable: true } }",
}

// FuzzRead: whatever a file holds, reading it ends, in pieces of any size alike; the raw octets are the file; what is read and can
// be written is read again as the same.
func FuzzRead(f *testing.F) {
	for i, file := range []string{
		schoolHeader + "MENSA;1;RSSMRA80A01H501U;\"a\nb\";01/02/2026;S;1.234,50\r\nx\r\n",
		pad(rollHead, rollPerson, rollPlus, rollMinus, rollFirm, "T00000200000000008895+"),
		"a,'b''c\n',1.5\r\n , x ,\n\x1a",
		"\"a,'\"\"\"\n\"x\"\n\n\"\"\n=1\n",
		"b\ta\n1/2/26\t\x82\n",
		"\xC1\xC2\x9F\x12\x34\x5D\xF1\xC0\xC1\x40\x40\x00\x00\x0C\xF0\xD1\xC1",
		"abc -12\nè  +0.5\n\n\x1a",
		"\xEF\xBB\xBF{\"a\":1.50}\r\n{\"a\":2,\"b\":null}\n{\n",
	} {
		f.Add(i, []byte(file))
	}
	var compiled []*Format
	for _, src := range formats {
		compiled = append(compiled, must(f, src))
	}
	f.Fuzz(func(t *testing.T, which int, file []byte) {
		format := compiled[uint(which)%uint(len(compiled))]
		whole := read(format, bytes.NewReader(file), Position{})
		if pieces := read(format, iotest.HalfReader(bytes.NewReader(file)), Position{}); pieces != whole {
			t.Fatalf("at once\n%s\nin pieces\n%s", whole, pieces)
		}
		var out bytes.Buffer
		w := format.Write(&out)
		var put []string
		var last int64
		for r := format.Read(bytes.NewReader(file), Position{}); ; {
			record, err := r.Next()
			var bad *Bad
			if errors.As(err, &bad) {
				record = Record{Raw: bad.Raw, Offset: bad.Offset}
			} else if err != nil {
				if at := r.Position().Offset; errors.Is(err, io.EOF) && at != int64(len(file)) {
					t.Fatalf("the end is at %d of %d", at, len(file))
				}
				break
			}
			if record.Offset < last || !bytes.HasPrefix(file[record.Offset:], record.Raw) {
				t.Fatalf("the record at %d is not the file's: %q", record.Offset, record.Raw)
			}
			last = record.Offset + int64(len(record.Raw))
			if bad != nil {
				continue
			}
			if wrong := schema.Check(record.Value, format.Type(record.Kind)); wrong != nil {
				t.Fatalf("a record that is not of its type: %s", wrong.Error())
			}
			if w.Put(record.Kind, record.Value) == nil {
				put = append(put, line(record))
			}
		}
		if w.Close() != nil {
			return
		}
		again := read(format, bytes.NewReader(out.Bytes()), Position{})
		if guarded := format.csv != nil && format.csv.formulas == formulasGuard; guarded {
			return
		}
		if got := strings.Join(put, ""); again != got && !strings.HasPrefix(again, got) {
			t.Fatalf("read\n%s\nwritten\n%q\nread again\n%s", got, out.String(), again)
		}
	})
}

// FuzzDeclaration: no declaration makes the compiler fail otherwise than by problems, and what compiles reads and writes.
func FuzzDeclaration(f *testing.F) {
	for _, src := range formats {
		f.Add(src, "a,b\n1,2\n")
	}
	f.Add("fixed: {}\nrecords: { a: { records: { b: null } }, c: { check: { x: 'count(a) - sum(a.b)' } } }", "x")
	f.Add("csv: { quote: none }\nfields: { a: { $ref: x.yaml }, b: null, c: { oneOf: [] } }", "x")
	f.Add("fixed: { ends: none }\nfields: { a: { length: 1, fill: '', align: right, date: '' } }", "x")
	f.Fuzz(func(t *testing.T, src, file string) {
		format, problems := load(src)
		if (format == nil) != strings.Contains(problems, ": E") {
			t.Fatalf("%q compiles to %v, with the problems\n%s", src, format, problems)
		}
		if format == nil {
			return
		}
		read(format, strings.NewReader(file), Position{})
		if err := format.Write(io.Discard).Close(); err != nil && len(format.Kinds()) == 1 && format.csv == nil {
			t.Fatal(err)
		}
	})
}
