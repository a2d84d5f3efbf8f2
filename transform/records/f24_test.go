package records

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"fondaco/schema"
)

// supply is a file of tax payments in the manner of those that a city is sent: 300 bytes, a head, payments with what they are made
// of, a tail whose total is debits without credits. The layout is made up.
const supply = `
fixed: { encoding: iso-8859-1, length: 300, ends: crlf, ctrl_z: true }
records:
  testata:
    when: { at: 1, is: A1 }
    fields:
      fornitura: { at: 3, length: 8, date: yyyyMMdd }
      progressivo: { length: 2, type: integer }
      comune: { length: 4 }
  versamento:
    when: { at: 1, is: G1 }
    many: true
    fields:
      codice_fiscale: { at: 3, length: 16, personal: true, pattern: "^([A-Z0-9]{16}|[0-9]{11})$" }
      tributo: { length: 4, pattern: "^39[0-9]{2}$" }
      anno: { length: 4, type: integer, minimum: 1993 }
      debito: { length: 15, decimals: 2 }
      credito: { length: 15, decimals: 2 }
      ravvedimento: { length: 1, type: boolean, "yes": "1", "no": "0" }
      data: { length: 8, date: yyyyMMdd, empty: "00000000" }
    records:
      contabile:
        when: { at: 1, is: G5 }
        many: true
        fields: { conto: { at: 3, length: 12 }, quota: { length: 15, decimals: 2 } }
  coda:
    when: { at: 1, is: Z1 }
    fields:
      record: { at: 3, length: 9, type: integer }
      saldo: { length: 16, decimals: 2, sign: leading }
    check: { record: count(testata) + count(versamento) + count(contabile) + count(coda), saldo: sum(versamento.debito) - sum(versamento.credito) }
`

// night returns a supply of n payments, every tenth of which is bad where bad is said.
func night(n int, bad bool) string {
	var b strings.Builder
	put := func(format string, args ...any) {
		line := fmt.Sprintf(format, args...)
		b.WriteString(line + strings.Repeat(" ", 300-len(line)) + "\r\n")
	}
	records, cents := 2, 0
	put("A12026113001L736")
	for i := range n {
		code := "RSSMRA80A01H501U"
		if i%3 == 0 {
			code = "00488410010     "
		}
		if bad && i%10 == 9 {
			code = "rossi           "
		}
		debit, credit := 1000+i, i%7*100
		put("G1%s39182025%015d%015d020260616", code, debit, credit)
		put("G5%-12s%015d", "0027", debit)
		records, cents = records+2, cents+debit-credit
	}
	put("Z1%09d+%015d", records, cents)
	return b.String() + "\x1a"
}

// TestSupply: a supply is read with its bad records, held against its tail, and written again as it was.
func TestSupply(t *testing.T) {
	f := must(t, supply)
	file := night(1000, true)
	if err := f.Totals(strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	good, bad, raw, quota := 0, 0, 0, schema.Int(0)
	for r := f.Read(strings.NewReader(file), Position{}); ; {
		record, err := r.Next()
		var wrong *Bad
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.As(err, &wrong) {
			bad++
			raw += len(wrong.Raw)
			if wrong.Field != "codice_fiscale" || wrong.Column != 3 || strings.Contains(wrong.Error(), "rossi") {
				t.Errorf("found %v", wrong)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		raw += len(record.Raw)
		if record.Kind == "versamento" {
			good++
		}
		if record.Kind == "contabile" {
			quota, _ = schema.Add(quota, record.Value.Get("quota"))
		}
	}
	if good != 900 || bad != 100 || raw != len(file)-1 || string(schema.AppendNumber(nil, quota)) != "14995.00" {
		t.Errorf("found %d good, %d bad, %d of %d bytes, %s", good, bad, raw, len(file), schema.AppendNumber(nil, quota))
	}
	whole := night(50, false)
	if again, err := copyOf(t, f, whole); err != nil || again+"\x1a" != whole {
		t.Errorf("a copy differs: %v", err)
	}
	cut := file[:len(file)-303*2] // the transfer broke off
	var disagree *Disagree
	if err := f.Totals(strings.NewReader(cut)); !errors.As(err, &disagree) || !strings.Contains(err.Error(), "expected a record of the kind coda") {
		t.Errorf("found %v", err)
	}
}

// endless returns a head and then the same record for ever, as far as the test reads.
type endless struct {
	head, one []byte
	left, at  int
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.head) > 0 {
		n := copy(p, e.head)
		e.head = e.head[n:]
		return n, nil
	}
	if e.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, e.one[e.at:])
	if e.at += n; e.at == len(e.one) {
		e.at, e.left = 0, e.left-1
	}
	return n, nil
}

// TestConstantMemory: what a reader holds does not grow with the file, and not every record costs an allocation.
func TestConstantMemory(t *testing.T) {
	f := must(t, school)
	one := []byte("MENSA;1;RSSMRA80A01H501U;Diaz;01/09/2025;S;1.234,50\r\n")
	const records = 20_000
	n := 0
	allocs := testing.AllocsPerRun(1, func() {
		n = 0
		for r := f.Read(&endless{head: []byte(schoolHeader), one: bytes.Clone(one), left: records}, Position{}); ; n++ {
			if _, err := r.Next(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if len(r.in.block) > blockSize || cap(r.in.block) > blockSize {
				t.Fatalf("a block of %d bytes", cap(r.in.block))
			}
		}
	})
	if n != records || allocs >= records { // some are by the block, and of patterns under the race detector
		t.Errorf("%d records in %.0f allocations", n, allocs)
	}
}

// TestValuesLast: records that somebody holds stay as they were read, whatever is read after them.
func TestValuesLast(t *testing.T) {
	f := must(t, supply)
	var held []Record
	var lines, raws []string
	for r := f.Read(strings.NewReader(night(2000, false)), Position{}); ; {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		held, lines, raws = append(held, record), append(lines, line(record)), append(raws, string(record.Raw))
	}
	for i, record := range held {
		if line(record) != lines[i] || string(record.Raw) != raws[i] {
			t.Fatalf("record %d was\n%s\nand is\n%s", i, lines[i], line(record))
		}
	}
}

// TestBadAlone: what is kept of bad records does not keep the file around them in memory.
func TestBadAlone(t *testing.T) {
	r := must(t, supply).Read(strings.NewReader(night(100, true)), Position{})
	for {
		_, err := r.Next()
		var bad *Bad
		if errors.Is(err, io.EOF) {
			return
		}
		if errors.As(err, &bad) && cap(bad.Raw) > 2*len(bad.Raw) {
			t.Fatalf("a bad record of %d bytes lies in %d", len(bad.Raw), cap(bad.Raw))
		} else if bad != nil && &bad.Raw[0] == &r.in.block[bad.Offset%int64(len(r.in.block))] {
			t.Fatal("a bad record lies in the block that was read")
		}
	}
}
