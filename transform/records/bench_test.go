package records

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

// BenchmarkCSV reads rows of six columns, and checks and types each value; beside it encoding/csv, which returns the texts, and then
// the same checks by hand.
func BenchmarkCSV(b *testing.B) {
	var file strings.Builder
	file.WriteString("codice,comune,data,quantita,importo,note\n")
	for i := range 50_000 {
		file.WriteString("RSSMRA80A01H501U,Venezia Mestre,2026-01-" + strconv.Itoa(10+i%20) + "," + strconv.Itoa(i) + ",123.45,nota di prova numero\n")
	}
	text := file.String()
	b.Run("records", func(b *testing.B) {
		f := must(b, "csv: {}\nfields: { codice: {}, comune: {}, data: { date: yyyy-MM-dd }, quantita: { type: integer }, importo: { decimals: 2 }, note: {} }")
		all(b, f, text)
	})
	b.Run("windows-1252", func(b *testing.B) {
		f := must(b, "csv: { encoding: windows-1252 }\nfields: { codice: {}, comune: {}, data: { date: yyyy-MM-dd }, quantita: { type: integer }, importo: { decimals: 2 }, note: {} }")
		all(b, f, strings.ReplaceAll(text, "prova", "citt\xe0"))
	})
	byHand := func(b *testing.B, each func([]string)) {
		defer cpu(b, len(text))()
		for b.Loop() {
			r := csv.NewReader(strings.NewReader(text))
			r.ReuseRecord = true
			for {
				row, err := r.Read()
				if err == io.EOF {
					break
				}
				each(row)
			}
		}
	}
	b.Run("encoding-csv", func(b *testing.B) { byHand(b, func([]string) {}) })
	b.Run("encoding-csv-typed", func(b *testing.B) {
		byHand(b, func(row []string) {
			_, _ = time.Parse("2006-01-02", row[2])
			_, _ = strconv.Atoi(row[3])
			_, _ = strconv.ParseFloat(row[4], 64)
		})
	})
}

// BenchmarkFixed reads records of 100 bytes; beside it the fields are cut, trimmed and read by hand, and discarded.
func BenchmarkFixed(b *testing.B) {
	one := "DRSSMRA80A01H501U" + "ROSSI MARIO                   " + "20260131" + "0000000012345" + "000042" + strings.Repeat(" ", 24) + "\r\n"
	text := strings.Repeat(one, 50_000)
	b.Run("records", func(b *testing.B) {
		f := must(b, `
fixed: { length: 98 }
fields:
  tipo: { length: 1 }
  codice: { length: 16 }
  nome: { length: 30 }
  data: { length: 8, date: yyyyMMdd }
  importo: { length: 13, decimals: 2 }
  numero: { length: 6, type: integer }
  note: { length: 24 }
`)
		all(b, f, text)
	})
	b.Run("by-hand", func(b *testing.B) {
		defer cpu(b, len(text))()
		data := []byte(text)
		n := 0
		for b.Loop() {
			for rest := data; ; {
				i := bytes.IndexByte(rest, '\n')
				if i < 0 {
					break
				}
				line := rest[:i]
				for at, w := range []int{1, 16, 30, 8, 13, 6, 24} {
					field := line[:w]
					line = line[w:]
					switch at {
					case 3:
						y, m, d := number(field[:4]), number(field[4:6]), number(field[6:])
						if y < 1 || m < 1 || m > 12 || d < 1 || d > 31 {
							b.Fatal(field)
						}
						n += y + m + d
					case 4, 5:
						n += number(field)
					default:
						text := bytes.TrimRight(field, " ")
						if !utf8.Valid(text) {
							b.Fatal(text)
						}
						n += len(text)
					}
				}
				rest = rest[i+1:]
			}
		}
		_ = n
	})
}

func all(b *testing.B, f *Format, text string) {
	defer cpu(b, len(text))()
	for b.Loop() {
		n := 0
		for r := f.Read(strings.NewReader(text), Position{}); ; n++ {
			if _, err := r.Next(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
		if n != 50_000 {
			b.Fatal(n)
		}
	}
}

// cpu reports megabytes a second of this process's time on processors, which other processes of the machine change less than the clock's.
func cpu(b *testing.B, size int) func() {
	b.ReportAllocs()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	return func() { b.ReportMetric(float64(size)*float64(b.N)/1e6/(used()-before).Seconds(), "MB/cpu-s") }
}

// number reads digits, -1 if there is anything else.
func number(digits []byte) (n int) {
	for _, c := range digits {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
