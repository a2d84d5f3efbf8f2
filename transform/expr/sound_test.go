package expr

import (
	"errors"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// compute checks and computes an expression over the scene.
func compute(t *testing.T, in string, budget int64) (*schema.Type, schema.Value, error) {
	t.Helper()
	s, frame := scene()
	var out diag.List
	e := Check(config.Text{Value: in, Pos: diag.Pos{File: "r.yaml", Line: 1, Col: 1}}, s, &out)
	if out.Failed() {
		t.Fatalf("%s: %s", in, out.Sorted()[0].Message)
	}
	f := frame()
	f.Budget = budget
	v, err := e.Compile()(f)
	return e.Type(), v, err
}

// TestArmsOfOtherLayouts: records whose fields stand in another order, or are others, keep their names when they join.
func TestArmsOfOtherLayouts(t *testing.T) {
	for in, want := range map[string]string{
		`(n > 50 ? {a: 1, b: 2} : {b: 3, a: 4}).b`:                                `3`,
		`(n > 50 ? {a: 1} : {b: 3}).b`:                                            `3`,
		`(n > 50 ? {a: 1} : {b: 3}).a`:                                            `null`,
		`map([{a: 1, b: 2}, {b: 3, a: 4}], .b)`:                                   `[2,3]`,
		`map(concat([{a: 1, b: 2}], [{b: 3, a: 4}]), .b)`:                         `[2,3]`,
		`(find([{a: 1, b: 2}], .a == 9) ?? {b: 3, a: 4}).b`:                       `3`,
		`(n > 50 ? {x: [{a: 1, b: 2}]} : {x: [{b: 3, a: 4}]}).x[0]?.b`:            `3`,
		`flatten([[{a: 1, b: 2}], [{b: 3, a: 4}]])[1]?.b`:                         `3`,
		`map(groupBy([{a: 1, b: 2}, {b: 2, a: 4}], .b), map(.items, .a))`:         `[[1,4]]`,
		`let x = n > 50 ? {a: 1, b: {c: 1, d: 2}} : {b: {d: 3, c: 4}, a: 5}; x.b`: `{"c":4,"d":3}`,
	} {
		_, v, err := compute(t, in, 10_000)
		if got := string(codec.AppendJSON(nil, v)); err != nil || got != want {
			t.Errorf("%s = %s, %v; expected %s", in, got, err, want)
		}
	}
}

// TestNumbersCostNothing: what a number is worth has no part in what it costs.
func TestNumbersCostNothing(t *testing.T) {
	for in, want := range map[string]string{
		`abs(-9000000000000000000)`:   `9000000000000000000`,
		`euro(86400000000)`:           `864000000.00`,
		`cents(864000000.00)`:         `86400000000`,
		`max([9000000000000000, 1])`:  `9000000000000000`,
		`text(-9000000000000000)`:     `"-9000000000000000"`,
		`sum([90000000000.10, 1.10])`: `90000000001.20`,
	} {
		_, v, err := compute(t, in, 40)
		if got := string(codec.AppendJSON(nil, v)); err != nil || got != want {
			t.Errorf("%s = %s, %v; expected %s", in, got, err, want)
		}
	}
}

// TestRunaways: whatever an expression multiplies, it ends, soon, and without much room.
func TestRunaways(t *testing.T) {
	for _, in := range []string{
		`len(map(1..90000, len(1..90000)))`,
		`let a = 1..90000; len(flatten(map(1..90000, a)))`,
		`let a = 1..90000; count(a, count(concat(a, a, a, a, a, a)) > 0)`,
		`let a = 1..90000; all(a, len(sort(a)) > 0)`,
		`let a = 1..90000; all(a, len(unique(a)) > 0)`,
		`let a = 1..90000; len(groupBy(a, #))`,
		`let a = 1..90000; all(a, a == a)`,
		`let a = 1..90000; all(a, -1 not in a)`,
		`let a = padLeft("x", 1000000); let b = 1..90000; none(b, a contains "y")`,
		`let a = padLeft("x", 1000000); let b = 1..90000; none(b, a matches "y")`,
		`let a = padLeft("x", 1000000); let b = 1..90000; len(map(b, a + a)) > 0`,
		`let a = padLeft("x", 1000000); let b = 1..90000; len(map(b, upper(a))) > 0`,
		`let b = 1..90000; len(map(b, padLeft("x", 1000000))) > 0`,
		`let a = padLeft("x", 1000000); let b = 1..90000; len(map(b, a[1:])) > 0`,
		`let a = padLeft("x", 1000000); let b = 1..90000; all(b, length(a) > 0)`,
		`let a = {x: 1, y: 1}; let b = {x: a, y: a}; let c = {x: b, y: b}; let d = {x: c, y: c}; let e = {x: d, y: d}; let f = {x: e, y: e};
		 let g = {x: f, y: f}; let h = {x: g, y: g}; let i = {x: h, y: h}; let j = {x: i, y: i}; let k = {x: j, y: j}; let l = {x: k, y: k};
		 let m = {x: l, y: l}; let o = {x: m, y: m}; let p = {x: o, y: o}; let q = {x: p, y: p}; let r = {x: q, y: q}; let s = {x: r, y: r};
		 let u = {x: s, y: s}; let w = {x: u, y: u}; let z = {x: w, y: w}; {r: z} == {r: {x: w, y: w}}`,
	} {
		began := time.Now()
		_, _, err := compute(t, in, 2_000_000)
		if !errors.Is(err, ErrBudget) && !errors.Is(err, ErrRoom) {
			t.Errorf("%.60s: found %v, expected ErrBudget or ErrRoom", in, err)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%.60s took %v", in, took)
		}
		var failure *Failure
		if !errors.As(err, &failure) || failure.Pos.Line != 1 {
			t.Errorf("%.60s: the failure knows no place: %v", in, err)
		}
	}
}

// TestNarrowing: where a value is known to be there, and where that would be too much to say.
func TestNarrowing(t *testing.T) {
	for _, in := range []string{
		`v.iuv != nil && v.iuv startsWith "0"`, `v.iuv == nil || v.iuv startsWith "0"`, `not (v.iuv == nil) && upper(v.iuv) == "X"`,
		`!(v.iuv == nil || v.giorni == nil) && v.giorni > 0 && upper(v.iuv) == "X"`, `v.iuv == "x" ? upper(v.iuv) : "y"`,
		`v.iuv in ["a", "b"] ? upper(v.iuv) : "y"`, `forse?.iuv != nil ? upper(forse.iuv) : forse?.numero`, `nil != soglia ? soglia + 1 : 0`,
		`find([1, nil, 3], # != nil && # > 1)`, `any(verbali, .iuv != nil && upper(.iuv) == "X")`, `let x = v.iuv; x != nil && upper(x) == "X"`,
		`soglia != nil and soglia > 1 or n > 1`, `(soglia != nil && n > 1) ? soglia + n : n`,
		`forse != nil ? (forse.iuv != nil ? upper(forse.iuv) : "") : ""`,
	} {
		if _, _, err := compute(t, in, 1000); err != nil {
			t.Errorf("%s: %v", in, err)
		}
	}
	for _, in := range []string{
		`v.iuv != nil || upper(v.iuv) == "X"`, `v.iuv == nil && upper(v.iuv) == "X"`, `(v.iuv != nil || n > 1) && upper(v.iuv) == "X"`,
		`v.iuv in [nil, "a"] && upper(v.iuv) == "X"`, `v.iuv != "x" ? upper(v.iuv) : "y"`, `not (v.iuv != nil && n > 1) ? upper(v.iuv) : ""`,
		`let x = v.iuv; v.iuv != nil && upper(x) == "X"`, `v.iuv != nil && any(verbali, upper(.iuv) == "X")`,
		`any(verbali, .iuv != nil && any(verbali, upper(.iuv) == "X"))`,
		`v.iuv != nil && (let v = find(verbali, true) ?? v; upper(v.iuv) == "X")`, `soglia != nil ? n : soglia + 1`,
		`v.iuv not in ["a"] && upper(v.iuv) == "X"`,
	} {
		s, _ := scene()
		var out diag.List
		Check(config.Text{Value: in}, s, &out)
		found := false
		for _, p := range out.Sorted() {
			found = found || p.Code == diag.MaybeNil
		}
		if !found {
			t.Errorf("%s: nothing is said of nil: %v", in, out.Sorted())
		}
	}
}

// TestNil: absent and null are both nil, and nothing else is.
func TestNil(t *testing.T) {
	for in, want := range map[string]string{
		`v.iuv == user.email`: `true`, `v.iuv != user.email`: `false`, `v.iuv in [user.email]`: `true`, `"" == v.iuv`: `false`,
		`v.iuv == ""`:        `false`,
		`soglia in [1, nil]`: `true`, `0 == soglia`: `false`, `[nil] == [nil]`: `true`,
	} {
		_, v, err := compute(t, in, 100)
		if got := string(codec.AppendJSON(nil, v)); err != nil || got != want {
			t.Errorf("%s = %s, %v; expected %s", in, got, err, want)
		}
	}
}

// TestMomentsNotSpelling: a date written out beside a moment is a moment.
func TestMomentsNotSpelling(t *testing.T) {
	for in, want := range map[string]string{
		`now() == "2026-03-29T00:30:00+00:00"`: `true`, `"2026-03-29T01:30:00+01:00" == now()`: `true`,
		`now() != "2026-03-29T00:30:00Z"`:                  `false`,
		`now() in [datetime("2026-03-29T02:30:00+02:00")]`: `true`, `giorno < "2026-02-01"`: `true`, `giorno == "2026-01-31"`: `true`,
	} {
		_, v, err := compute(t, in, 100)
		if got := string(codec.AppendJSON(nil, v)); err != nil || got != want {
			t.Errorf("%s = %s, %v; expected %s", in, got, err, want)
		}
	}
}

// TestMarksOfItems: what is taken out of personal data, or told of it, is personal.
func TestMarksOfItems(t *testing.T) {
	for _, in := range []string{
		`split(user.cf, "A")[0]`, `map(split(user.cf, "A"), #)[0]`, `find(split(user.cf, "A"), true)`, `any([user.cf], # == "x")`,
		`first(split(user.cf, "A"))`,
		`count([user.cf], # startsWith "R")`, `sortBy([user.cf], #)[0]`, `groupBy([user], .cf)[0]?.key`, `join(map([user], .cf))`,
		`map(split(user.cf, "A"), {{x: #}})[0]?.x`,
		`user.cf == "x"`, `(n > 1 ? user.cf : "")`, `let x = user.cf; x[1:2]`, `concat(["a"], [user.cf])[0]`, `max(user.cf, "x")`,
		`fiscalCodeSex(user.cf)`,
	} {
		typ, _, err := compute(t, in, 1000)
		if err != nil || !typ.Personal {
			t.Errorf("%s is not personal, %v", in, err)
		}
	}
}

// TestUseOfItems: of a list's items only that is read which the expression looks at, through whatever hands them on.
func TestUseOfItems(t *testing.T) {
	for in, want := range map[string]string{
		`len(verbali)`:                                                    `list of {}`,
		`count(verbali)`:                                                  `list of {}`,
		`count(verbali, .numero == "x")`:                                  `list of {numero: text}`,
		`verbali[0]?.numero`:                                              `list of {numero: text}`,
		`first(verbali)?.numero`:                                          `list of {numero: text}`,
		`first(verbali)`:                                                  `list of {numero: text, importo: decimal, stato: "aperto" or "pagato", iuv?: text, giorni?: integer}`,
		`find(verbali, .numero == "x")?.importo`:                          `list of {numero: text, importo: decimal}`,
		`map(filter(verbali, .importo > 1), .numero)`:                     `list of {numero: text, importo: decimal}`,
		`filter(verbali, .importo > 1)`:                                   `list of {numero: text, importo: decimal, stato: "aperto" or "pagato", iuv?: text, giorni?: integer}`,
		`len(filter(verbali, .importo > 1))`:                              `list of {importo: decimal}`,
		`sum(take(sortBy(verbali, .numero), 3), .importo)`:                `list of {numero: text, importo: decimal}`,
		`let x = filter(verbali, .iuv != nil); map(x, .giorni ?? 0)`:      `list of {iuv?: text, giorni?: integer}`,
		`map(groupBy(verbali, .stato), .key)`:                             `list of {numero: text, importo: decimal, stato: "aperto" or "pagato", iuv?: text, giorni?: integer}`,
		`(n > 1 ? verbali : [])[0]?.numero`:                               `list of {numero: text, importo: decimal, stato: "aperto" or "pagato", iuv?: text, giorni?: integer}`,
		`verbali == nil`:                                                  `list of {}`,
		`reverse(verbali)[0] != nil`:                                      `list of {}`,
		`flatten(map(verbali, [.numero]))`:                                `list of {numero: text}`,
		`any(verbali, .importo > sum(verbali, .giorni == nil ? 1 : 0))`:   `list of {importo: decimal, giorni?: integer}`,
		`map(verbali, {{a: .numero, b: .iuv}})`:                           `list of {numero: text, iuv?: text}`,
		`join(map(drop(verbali, 1), .numero), ", ") + text(len(verbali))`: `list of {numero: text}`,
	} {
		s, _ := scene()
		var out diag.List
		Check(config.Text{Value: in}, s, &out)
		if out.Failed() {
			t.Errorf("%s: %s", in, out.Sorted()[0].Message)
			continue
		}
		v := s.Lookup("verbali")
		if got := schema.Prune(v.Type, v.Use).String(); got != want {
			t.Errorf("%s reads %s, expected %s", in, got, want)
		}
		// What is left is enough to check the expression again, to the same type.
		before := Check(config.Text{Value: in}, s, &out).Type()
		again := NewScope()
		for _, name := range s.Names() {
			v := s.Lookup(name)
			again.Declare(name, schema.Prune(v.Type, v.Use))
		}
		after := Check(config.Text{Value: in}, again, &out).Type()
		if out.Failed() || before.Kind != after.Kind {
			t.Errorf("%s is %s over what is left of the types: %v", in, after, out.Sorted())
		}
	}
}
