package records

import (
	"bytes"
	"strings"
	"testing"
)

// batches are groups that each have a tail of their own.
const batches = `
fixed: { length: 12, ends: lf }
records:
  lotto:
    when: { at: 1, is: L }
    many: true
    fields: { codice: { at: 2, length: 4 } }
    records:
      riga: { when: { at: 1, is: R }, many: true, fields: { quanto: { at: 2, length: 5, type: integer } } }
      nota: { when: { at: 1, is: N }, optional: true, fields: { testo: { at: 2, length: 11 } } }
      fine: { when: { at: 1, is: F }, fields: { righe: { at: 2, length: 3, type: integer }, somma: { length: 6, type: integer } }, check: { righe: count(riga), somma: sum(riga.quanto) } }
  coda: { when: { at: 1, is: T }, fields: { lotti: { at: 2, length: 3, type: integer }, somma: { length: 8, type: integer } }, check: { lotti: count(lotto), somma: sum(riga.quanto) } }
`

const batchesFile = "LA001       \nR00010      \nR00005      \nF002000015  \nLA002       \nNniente     \nF000000000  \nLA003       \nR00007      \n" +
	"F001000007  \nT00300000022\n"

// TestGroups: a tail within a group speaks of its group alone, and the file's tail of all.
func TestGroups(t *testing.T) {
	f := must(t, batches)
	same(t, f, batchesFile, `
lotto {"codice":"A001"}
riga {"quanto":10}
riga {"quanto":5}
fine {"righe":2,"somma":15}
lotto {"codice":"A002"}
nota {"testo":"niente"}
fine {"righe":0,"somma":0}
lotto {"codice":"A003"}
riga {"quanto":7}
fine {"righe":1,"somma":7}
coda {"lotti":3,"somma":22}
`)
	resume(t, f, batchesFile, 0)
	for from, c := range map[string]struct{ to, want string }{
		"F001000007":      {"F002000007", "line 10: fine.righe says 2, and the records make 1"},
		"F002000015":      {"F002000016", "line 4: fine.somma says 16, and the records make 15"},
		"T003":            {"T002", "line 11: coda.lotti says 2, and the records make 3"},
		"F000000000  \nL": {"L", "line 7: found a record of the kind lotto, expected one of the kind fine"},
		"Nniente     \n":  {"Nniente     \nR00001      \n", "line 7: found a record of the kind riga, where none may stand"},
		"LA002       \nN": {"N", "line 5: found a record of the kind nota, where none may stand"},
	} {
		file := strings.Replace(batchesFile, from, c.to, 1)
		if err := f.Totals(strings.NewReader(file)); err == nil || err.Error() != c.want {
			t.Errorf("%q\nfound    %v\nexpected %s", c.to, err, c.want)
		}
	}
	if again, err := copyOf(t, f, batchesFile); err != nil || again != batchesFile {
		t.Errorf("found %q %v", again, err)
	}
	var out bytes.Buffer
	w := f.Write(&out)
	for _, l := range []string{`lotto {"codice":"A001"}`, `riga {"quanto":10}`, `fine {}`, `lotto {"codice":"A002"}`, `riga {"quanto":3}`} {
		kind, json, _ := strings.Cut(l, " ")
		if err := w.Put(kind, value(t, f.Takes(kind), json)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || !strings.HasSuffix(out.String(), "R00003      \nF001000003  \nT00200000013\n") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
