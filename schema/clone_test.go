package schema

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"unsafe"
)

// TestClone: a copy is equal, and holds on to nothing of the message that its original came from.
func TestClone(t *testing.T) {
	message := []byte("Rio Terà|10.50|2026-01-15|QUJD|chiave")
	text := unsafe.String(&message[0], len(message))
	parts := strings.Split(text, "|")
	record := (&Type{Kind: KindRecord, Fields: []Field{
		{Name: "nome", Type: TypeText}, {Name: "importo", Type: TypeDecimal}, {Name: "assente", Type: TypeText},
	}}).Seal()
	for name, make := range map[string]func(p []string) Value{
		"text":    func(p []string) Value { return Text(p[0]) },
		"decimal": func(p []string) Value { return DecimalText(p[1]) },
		"coef":    func([]string) Value { return DecimalCoef(1050, 2) },
		"big":     func([]string) Value { return DecimalBig(new(big.Int).Lsh(big.NewInt(1), 100), 3) },
		"date":    func(p []string) Value { return TextOf(KindDate, p[2]) },
		"base64":  func(p []string) Value { return BytesBase64(p[3]) },
		"bytes":   func(p []string) Value { return Bytes([]byte(p[3])) },
		"null":    func([]string) Value { return Null },
		"int":     func([]string) Value { return Int(-7) },
		"bool":    func([]string) Value { return Bool(true) },
		"record":  func(p []string) Value { return RecordOf(record, Text(p[0]), DecimalText(p[1]), Value{}) },
		"list":    func(p []string) Value { return List([]Value{Text(p[0]), List(nil), Null}) },
		"map": func(p []string) Value {
			return MapOf(&Map{Keys: []string{p[4]}, Values: []Value{Text(p[0])}})
		},
	} {
		clone, size, _ := CloneWithin(make(parts), math.MaxInt)
		if size <= 0 {
			t.Errorf("%s takes %d bytes", name, size)
		}
		copies := strings.Split(strings.Clone(text), "|")
		before := append([]byte(nil), message...)
		for i := range message {
			message[i] = '#'
		}
		if clone.Kind() != make(copies).Kind() || !Equal(clone, make(copies)) {
			t.Errorf("%s: the copy has changed with the message", name)
		}
		copy(message, before)
	}
	absent, _, _ := CloneWithin(RecordOf(record, Text("x"), DecimalText("1"), Value{}), math.MaxInt)
	if !absent.Field(2).IsAbsent() || absent.Type() != record {
		t.Error("an absent field is no longer absent, or the type is another")
	}
}
