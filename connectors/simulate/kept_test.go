package simulate_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/connectors/simulate"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// office is a connector whose simulator remembers.
const office = `connector: ufficio
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  apri:
    put: /pratiche/{id}
    effect: idempotent
    body: { type: object, required: [chi], properties: { chi: { type: string }, nota: { type: string } } }
    answer: { type: object, required: [numero], properties: { numero: { type: string } } }
  elenco:
    get: /pratiche
    effect: read
    query: { chi: { type: string } }
    answer:
      type: array
      items: { type: object, required: [id, stato], properties: { id: { type: string }, stato: { type: string, enum: [aperta, chiusa] }, nota: { type: string } } }
samples: samples/
`

const (
	opens = `
- when: { chi: nessuno }
  status: 409
- gives: { numero: "${\"N-\" + input.id}" }
  keep:
    - { in: pratiche, id: "${input.id}", item: { id: "${input.id}", chi: "${input.chi}", stato: aperta, nota: "${input.nota}" } }
    - { in: pratiche, after: 20s, id: "${input.id}", item: { id: "${input.id}", chi: "${input.chi}", stato: chiusa } }
`
	lists = `
- kept: { in: pratiche, start: [ { id: "0", chi: anna, stato: aperta, nota: vecchia }, { id: "00", chi: luca, stato: chiusa } ] }
  gives: { $for: p in kept, $if: "p.chi == (input.chi ?? p.chi)", id: "${p.id}", stato: "${p.stato}", nota: "${p.nota}" }
`
)

func officeSamples(files map[string]string) (*connectors.Connector, map[string][]*simulate.Case, string) {
	fsys := fstest.MapFS{"c/connector.yaml": {Data: []byte(office)}}
	for name, text := range files {
		fsys["c/samples/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	var out diag.List
	c := connectors.Load(fsys, "c", all.Protocols, transform.Constants{}, &out, diag.Pos{})
	cases := simulate.LoadSamples(c, &out)
	return c, cases, problems(&out)
}

// TestKept: what one case keeps another one answers, the latest first and what was there from the beginning last; what takes
// its time is seen when it is over, one of the same id is replaced, and new cases begin anew.
func TestKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, cases, wrong := officeSamples(map[string]string{"apri.yaml": opens, "elenco.yaml": lists})
		if wrong != "" {
			t.Fatal(wrong)
		}
		s := simulate.New(nil, cases)
		open := func(id, who string, note schema.Value) string {
			t.Helper()
			op := c.Operation("apri")
			slots := schema.Slots(op.Input)
			for name, v := range map[string]schema.Value{"id": schema.Text(id), "chi": schema.Text(who), "nota": note} {
				slots[op.Input.Index(name)+1] = v
			}
			return string(codec.AppendJSON(nil, s.Find("apri", schema.Record(op.Input, slots)).Answer))
		}
		list := func(who schema.Value, want ...string) {
			t.Helper()
			got := string(codec.AppendJSON(nil, s.Find("elenco", schema.RecordOf(c.Operation("elenco").Input, who)).Answer))
			if got != "["+strings.Join(want, ",")+"]" {
				t.Errorf("found %s, expected [%s]", got, strings.Join(want, ","))
			}
		}
		anna := schema.Text("anna")
		const old = `{"id":"0","stato":"aperta","nota":"vecchia"}`
		list(anna, old)
		if got := open("1", "anna", schema.Text("buca")); got != `{"numero":"N-1"}` {
			t.Errorf("the answer is %s", got)
		}
		time.Sleep(time.Second)
		open("2", "anna", schema.Value{})
		open("3", "luca", schema.Value{})
		open("4", "nessuno", schema.Value{})
		open("00", "luca", schema.Value{})
		list(anna, `{"id":"2","stato":"aperta"}`, `{"id":"1","stato":"aperta","nota":"buca"}`, old)
		time.Sleep(19 * time.Second)
		list(anna, `{"id":"1","stato":"chiusa"}`, `{"id":"2","stato":"aperta"}`, old)
		time.Sleep(time.Second)
		list(schema.Value{}, `{"id":"00","stato":"chiusa"}`, `{"id":"3","stato":"chiusa"}`, `{"id":"2","stato":"chiusa"}`,
			`{"id":"1","stato":"chiusa"}`, old)
		s.SetCases(cases)
		list(anna, old)
	})
}

// TestIf: a case counts only if its own condition holds, over what is kept, so that one case answers what is there and
// another one that nothing is; now() is the clock that the simulation was given.
func TestIf(t *testing.T) {
	moment := time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)
	c, cases, wrong := officeSamples(map[string]string{
		"apri.yaml": opens,
		"elenco.yaml": "- kept: { in: pratiche }\n  if: none(kept, .chi == input.chi)\n  status: 404\n" +
			"- kept: { in: pratiche }\n  gives: { $for: p in kept, id: \"${text(now())}\", stato: \"${p.stato}\" }\n",
	})
	if wrong != "" {
		t.Fatal(wrong)
	}
	s := simulate.New(nil, cases)
	s.Play(cases, nil, func() time.Time { return moment })
	list := c.Operation("elenco").Input
	if got := s.Find("elenco", schema.RecordOf(list, schema.Text("anna"))); got == nil || got.Status != 404 {
		t.Errorf("with nothing kept: found %+v, expected the status 404", got)
	}
	open := c.Operation("apri").Input
	slots := schema.Slots(open)
	slots[open.Index("id")+1], slots[open.Index("chi")+1] = schema.Text("1"), schema.Text("anna")
	s.Find("apri", schema.Record(open, slots))
	got := s.Find("elenco", schema.RecordOf(list, schema.Text("anna")))
	if text := string(codec.AppendJSON(nil, got.Answer)); text != `[{"id":"2026-01-15T09:00:00Z","stato":"aperta"}]` {
		t.Errorf("with one kept: found %s", text)
	}
	if got := s.Find("elenco", schema.RecordOf(list, schema.Text("luca"))); got == nil || got.Status != 404 {
		t.Errorf("with nothing of luca kept: found %+v, expected the status 404", got)
	}
}

func TestKeptProblems(t *testing.T) {
	for _, c := range []struct{ opens, lists, want string }{
		{
			opens, strings.Replace(lists, "in: pratiche", "in: pratica", 1),
			"c/samples/elenco.yaml:2:15: E303 found \"pratica\", expected a list in which some sample keeps something = did you mean \"pratiche\"?\n",
		},
		{
			strings.Replace(opens, "input.chi", "input.ci", 1), lists,
			"c/samples/apri.yaml:6:83: E203 input has no field \"ci\" = did you mean \"chi\"?\n",
		},
		{
			opens, strings.Replace(lists, "p.stato}", "p.stat}", 1),
			"c/samples/elenco.yaml:3:94: E203 p has no field \"stat\" = did you mean \"stato\"?\n",
		},
		{
			strings.Replace(opens, "stato: chiusa", "stato: persa", 1), lists,
			"c/samples/elenco.yaml:3:92: E407 elenco.stato: found \"aperta\" or \"persa\" or \"chiusa\", expected \"aperta\" or \"chiusa\"\n",
		},
		{
			opens, strings.Replace(lists, `chi: anna`, `ci: anna`, 1),
			"c/samples/elenco.yaml:2:32: E407 start is not as what is kept in pratiche: /0/ci: expected no such field; /0/chi: expected text, " +
				"found nothing\n",
		},
		{opens, lists + "  answer: []\n", "c/samples/elenco.yaml:4:11: E303 the sample has answer and gives; gives is made when it answers, " +
			"answer stands written: one of them\n"},
		{
			opens, strings.Replace(lists, "  gives:", "  if: any(kept, .ci == input.chi)\n  gives:", 1),
			"c/samples/elenco.yaml:3:18: E203 the item has no field \"ci\" = did you mean \"chi\"?\n",
		},
		{
			opens, strings.Replace(lists, "  gives:", "  if: input.chi\n  gives:", 1),
			"c/samples/elenco.yaml:3:7: E204 if: expected a condition, found text or null = to ask whether it is there write input.chi != nil\n",
		},
		{
			strings.Replace(opens, "item:", "itm:", 1), lists,
			"c/samples/apri.yaml:6:42: E101 unknown key \"itm\" in \"keep\" = did you mean \"item\"?\n",
		},
	} {
		if _, _, got := officeSamples(map[string]string{"apri.yaml": c.opens, "elenco.yaml": c.lists}); got != c.want {
			t.Errorf("found    %s\nexpected %s", got, c.want)
		}
	}
}
