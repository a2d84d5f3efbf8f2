package main

import (
	"testing"
	"time"
)

// TestOracle: each kind of flaw is told, and nothing else is.
func TestOracle(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(1_700_000_000_000 + int64(ms)) }
	sent := map[string]*request{
		"a1": {ID: "a1", Key: "a", Number: 1, Told: true}, "a2": {ID: "a2", Key: "a", Number: 2, Told: true},
		"b1": {ID: "b1", Key: "b", Number: 1, Told: true}, "b2": {ID: "b2", Key: "b", Number: 2}, // never told
		"no": {ID: "no", Key: "b", Refused: true},
	}
	effectOf := func(leg, id, run string, ms int) effect {
		r := sent[id]
		if r == nil {
			return effect{Leg: leg, ID: id, Run: run, At: at(ms)}
		}
		return effect{Leg: leg, ID: id, Key: r.Key, Number: r.Number, Run: run, At: at(ms)}
	}
	good := []effect{
		effectOf("order", "a1", "n-1", 1), effectOf("follow", "a1", "n-1", 2), effectOf("order", "b1", "n-1", 3),
		effectOf("order", "a2", "n-1", 4),
		effectOf("follow", "b1", "n-1", 5), effectOf("follow", "a2", "n-2", 2010),
	}
	kill := disturbance{What: "kill", Run: "n-1", From: at(10), Bound: map[string]int{"order": 1, "follow": 1}}
	outage := disturbance{What: "outage", From: at(100), To: at(200), Bound: map[string]int{"order": 1}}
	for name, c := range map[string]struct {
		effects []effect
		causes  []disturbance
		want    verdict
	}{
		"nothing wrong":                 {good, nil, verdict{}},
		"an untold one may be done":     {append(good[:6:6], effectOf("order", "b2", "n-1", 6)), nil, verdict{}},
		"lost":                          {good[:5], nil, verdict{Lost: 1}},
		"lost all":                      {nil, nil, verdict{Lost: 6}},
		"never sent":                    {append(good[:6:6], effectOf("order", "x9", "n-1", 6)), nil, verdict{Phantom: 1}},
		"refused":                       {append(good[:6:6], effectOf("order", "no", "n-1", 6)), nil, verdict{Phantom: 1}},
		"another's number":              {append(good[:6:6], effect{Leg: "order", ID: "b2", Key: "b", Number: 7}), nil, verdict{Phantom: 1}},
		"turned round":                  {[]effect{good[3], good[0], good[1], good[2], good[4], good[5]}, nil, verdict{Inversions: 1}},
		"another leg has its own order": {[]effect{good[0], good[3], good[1], good[2], good[4], good[5]}, nil, verdict{}},
		"doubled by a kill": {
			append(good[:6:6], effectOf("order", "a2", "n-2", 3000)),
			[]disturbance{kill},
			verdict{Duplicates: 1},
		},
		"a late double is no inversion": {
			append(good[:6:6], effectOf("order", "a1", "n-2", 3000)),
			[]disturbance{kill},
			verdict{Duplicates: 1},
		},
		"doubled without a cause": {
			append(good[:6:6], effectOf("order", "a2", "n-1", 6)),
			[]disturbance{kill},
			verdict{Duplicates: 1, Excess: 1},
		},
		"doubled by a run that went well": {append(good[:6:6], effectOf("order", "a2", "n-2", 3000)), nil, verdict{Duplicates: 1, Excess: 1}},
		"doubled beyond the bound": {
			append(good[:6:6], effectOf("order", "a1", "n-2", 3000), effectOf("order", "a2", "n-2", 3001)),
			[]disturbance{kill},
			verdict{Duplicates: 2, Excess: 1},
		},
		"what nobody had heard of": {
			append(good[:6:6], effectOf("order", "a1", "n-2", 3000), effectOf("order", "a2", "n-2", 3001)),
			[]disturbance{{Run: "n-1", From: at(10), Bound: kill.Bound, Lag: 7 * time.Millisecond}},
			verdict{Duplicates: 2},
		},
		"tripled by one kill": {
			append(good[:6:6], effectOf("order", "a2", "n-2", 3000), effectOf("order", "a2", "n-2", 3001)),
			[]disturbance{kill},
			verdict{Duplicates: 2, Excess: 1},
		},
		"what was on the wire": {
			append(good[:6:6], effectOf("follow", "a2", "n-1", 2011)),
			[]disturbance{{Run: "n-1", From: at(1500), Bound: kill.Bound}},
			verdict{Duplicates: 1},
		},
		"doubled in an outage": {append(good[:6:6], effectOf("order", "a2", "n-1", 150)), []disturbance{outage}, verdict{Duplicates: 1}},
		"doubled each second of the outage": {
			append(good[:6:6], effectOf("order", "a2", "n-1", 110), effectOf("order", "a2", "n-1", 150)),
			[]disturbance{outage},
			verdict{Duplicates: 2},
		},
		"doubled more often than that": {
			append(good[:6:6], effectOf("order", "a2", "n-1", 110), effectOf("order", "a2", "n-1", 150), effectOf("order", "a2", "n-1", 160)),
			[]disturbance{outage},
			verdict{Duplicates: 3, Excess: 1},
		},
		"doubled after the outage": {
			append(good[:6:6], effectOf("order", "a2", "n-1", 250), effectOf("order", "a2", "n-1", 260)),
			[]disturbance{outage},
			verdict{Duplicates: 2, Excess: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := judge(twoLegs, sent, c.effects, c.causes)
			if v.Lost != c.want.Lost || v.Phantom != c.want.Phantom || v.Inversions != c.want.Inversions || v.Duplicates != c.want.Duplicates ||
				v.Excess != c.want.Excess {
				t.Errorf("%s excess %d, expected %s excess %d; %q", v, v.Excess, &c.want, c.want.Excess, v.Notes)
			}
			if flaws := c.want.Lost + c.want.Phantom + c.want.Inversions + c.want.Excess; v.flawed() != (flaws > 0) || len(v.Notes) != flaws {
				t.Errorf("flawed: %v, %q; expected %d flaws", v.flawed(), v.Notes, flaws)
			}
		})
	}
}
