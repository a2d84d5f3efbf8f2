package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fondaco/console"
)

const (
	rosaCode, biceCode = "RSSMRA80A01L736U", "BNCBCE70A41L736S"
	rosaName           = "Rosa of the seven bridges"
)

// TestPrivacyOfWhatWaits: a person's requests and events that wait for a system that is down are handed out whole, and erased: the
// operation is cancelled, whoever was to be told is, and the system is never asked, while another's are done. What is being worked on is
// left, said, and reached by the next call. Nothing of the person remains in the files.
func TestPrivacyOfWhatWaits(t *testing.T) {
	t.Parallel()
	for name, storage := range kept {
		t.Run(name, func(t *testing.T) { testPrivacyOfWhatWaits(t, storage) })
	}
}

func testPrivacyOfWhatWaits(t *testing.T, storage string) {
	system := &fickle{took: map[string]int{}}
	system.is("files", "")
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	d := &desk{heard: map[string][]hearing{}, answer: func(int, int) int { return 204 }}
	receiver := httptest.NewServer(d)
	t.Cleanup(receiver.Close)
	routes := strings.Replace(personRoutes, "    accept: async\n",
		"    accept: async\n    reply_to: { allow: [\"${env.DESK}/ends/\"], attempts: 100, backoff: 20ms..200ms }\n", 1)
	c := serveCitizens(t, storage, routes, "", "ARCHIVE="+backend.URL, "DESK="+receiver.URL, storageKey)
	post := func(person string, number int) (location, id string) {
		t.Helper()
		code, body, h := c.as(person, http.MethodPost, "/files", fmt.Sprintf(`{"number":%d,"name":%q}`, number, rosaName), "X-ReplyTo",
			receiver.URL+"/ends/x")
		if code != 202 {
			t.Fatal(code, body)
		}
		return h.Get("Location"), h.Get("X-Correlation-ID")
	}
	hers, herID := post(rosaCode, 1)
	other, otherID := post(biceCode, 2)
	for person, location := range map[string]string{rosaCode: hers, biceCode: other} {
		eventually(t, func() string {
			if state := c.state(person, location); state != "waiting" {
				return "the operation is " + state
			}
			return ""
		})
	}
	list := c.privacy("export", rosaCode).of("request")
	if want := fmt.Sprintf(`{"number":1,"name":%q}`, rosaName); len(list) != 1 || string(list[0].JSON) != want || list[0].Request == nil ||
		list[0].ID != herID || list[0].Topic != "fondaco.file" {
		t.Errorf("of waiting requests there are %+v, expected one with the body %s", list, want)
	}
	eventually(t, func() string { // while it is tried it is left
		if a := c.privacy("erase", rosaCode); a.Cancelled != 1 {
			return fmt.Sprintf("erased %+v", a)
		}
		return ""
	})
	eventually(t, func() string {
		if a := c.privacy("export", rosaCode); len(a.of("request")) != 0 {
			return fmt.Sprintf("left are %+v", a)
		}
		return ""
	})
	if state := c.state(rosaCode, hers); state != "cancelled" {
		t.Errorf("the erased request is %q", state)
	}
	eventually(t, func() string {
		if heard := d.of(herID); len(heard) == 0 || !strings.Contains(heard[0].body, "erased before it was done") {
			return fmt.Sprintf("it was told %+v", heard)
		}
		return ""
	})
	system.is("notes", "")
	eventually(t, func() string {
		if heard := d.of(otherID); len(heard) == 0 || c.state(biceCode, other) != "done" {
			return fmt.Sprintf("the other's was told %+v", heard)
		}
		return ""
	})
	eventually(t, func() string { // the ack of what is done follows its state
		if r := c.row("file"); r.Accepted != 2 || r.Done != 1 || r.Cancelled != 1 || r.InFlight != 0 {
			return fmt.Sprintf("the account is %+v", r)
		}
		return ""
	})

	location, _ := post(rosaCode, 3) // whose event waits
	eventually(t, func() string {
		if state := c.state(rosaCode, location); state != "done" {
			return "the operation is " + state
		}
		if list := c.privacy("export", "s-"+rosaCode).of("message"); len(list) != 1 || string(list[0].JSON) != `{"number":3}` ||
			list[0].Topic != "filed" {
			return fmt.Sprintf("of waiting messages there are %+v", list)
		}
		return ""
	})
	eventually(t, func() string { // while it is tried it is left
		if a := c.privacy("erase", "s-"+rosaCode); a.InFlight != 0 {
			return fmt.Sprintf("erased %+v", a)
		}
		return ""
	})
	if a := c.privacy("export", rosaCode); len(a.Records) != 0 {
		t.Errorf("left are %+v", a)
	}
	system.is("", "files/5")
	eventually(t, func() string {
		if r := c.row("note"); r.Accepted != 2 || r.Done != 1 || r.Cancelled != 1 || r.InFlight != 0 {
			return fmt.Sprintf("the account is %+v", r)
		}
		return ""
	})

	location, _ = post(rosaCode, 5) // which is being worked on
	eventually(t, func() string {
		if held, _ := system.state(); held == 0 {
			return "the system was not asked"
		}
		return ""
	})
	if a := c.privacy("erase", rosaCode); a.InFlight != 1 || a.Cancelled != 0 || a.Messages != 0 {
		t.Errorf("erased %+v, expected one in flight", a)
	}
	system.is("", "")
	eventually(t, func() string {
		if state := c.state(rosaCode, location); state != "done" {
			return "the operation is " + state
		}
		if a := c.privacy("export", rosaCode); a.InFlight != 0 || len(a.of("message")) != 0 {
			return fmt.Sprintf("%+v", a)
		}
		return ""
	})
	if a := c.privacy("erase", rosaCode); a.Operations != 1 || a.InFlight != 0 {
		t.Errorf("erased %+v", a)
	}
	_, took := system.state()
	if took["/files/1"] != 0 || took["/notes/3"] != 0 || took["/files/2"] != 1 || took["/notes/2"] != 1 || took["/files/5"] != 1 {
		t.Errorf("the system took %v", took)
	}
	c.privacy("erase", biceCode) // whose request has the name too
	eventually(t, func() string {
		files, err := filepath.Glob(filepath.Join(c.dir, "data", "*"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			if b, err := os.ReadFile(file); err == nil && bytes.Contains(b, []byte(rosaName)) {
				return "the name stands in " + file
			}
		}
		return ""
	})
}

// TestPrivacyOfBatches: of batches of several persons, that wait or are dead letters, one person's messages are handed out alone and
// taken out; the letter of what is left is replayed.
func TestPrivacyOfBatches(t *testing.T) {
	t.Parallel()
	for name, storage := range kept {
		t.Run(name, func(t *testing.T) { testPrivacyOfBatches(t, storage) })
	}
}

func testPrivacyOfBatches(t *testing.T, storage string) {
	system := &digests{}
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	const routes = `routes:
  file:
    http: POST /files
    auth: { scheme: citizen }
    body: { type: object, required: [number], properties: { number: { type: integer } } }
    steps:
      - publish: filed
        event: { number: "${body.number}" }
    respond: { status: 204 }
  digest:
    topic: filed
    collect: { count: 100, within: 1h, until: message.data.number == 99 }
    work: { attempts: 100, backoff: 20ms..100ms }
    steps:
      - call: archive.digest
        with: { numbers: { $for: m in messages, $item: "${m.data.number}" } }
`
	c := serveCitizens(t, storage, routes, `  digest:
    post: /digests
    effect: idempotent
    body: { type: object, required: [numbers], properties: { numbers: { type: array, items: { type: integer } } } }
    answer: { type: object, properties: {} }
`, "ARCHIVE="+backend.URL, storageKey)
	batch := func() {
		t.Helper()
		for _, one := range []struct {
			person string
			number int
		}{{rosaCode, 13}, {biceCode, 14}, {rosaCode, 15}, {biceCode, 99}} {
			if one.number == 99 { // which closes the batch: messages without a key have no order
				eventually(t, func() string {
					hers, others := c.privacy("export", rosaCode).of("collected"), c.privacy("export", biceCode).of("collected")
					if len(hers) != 2 || len(others) != 1 {
						return fmt.Sprintf("gathered are %d and %d", len(hers), len(others))
					}
					return ""
				})
			}
			if code, body, _ := c.as(one.person, http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, one.number)); code != 204 {
				t.Fatal(code, body)
			}
		}
	}
	numbers := func(row console.PersonRecord) (list []int) {
		var body struct {
			Messages []struct{ Data struct{ Number int } }
		}
		_ = json.Unmarshal(row.JSON, &body)
		for _, m := range body.Messages {
			list = append(list, m.Data.Number)
		}
		slices.Sort(list)
		return list
	}
	holds := func(person, kind, want string) string {
		list := c.privacy("export", person).of(kind)
		if len(list) != 1 || fmt.Sprint(numbers(list[0])) != want || len(list[0].Headers) != 0 {
			return fmt.Sprintf("of %s there is %+v, expected %s of %s", person, list, want, kind)
		}
		return ""
	}
	batch() // with 13, which the system refuses
	eventually(t, func() string { return holds(rosaCode, "letter", "[13 15]") })
	if wrong := holds("s-"+biceCode, "letter", "[14 99]"); wrong != "" {
		t.Error(wrong)
	}
	if a := c.privacy("erase", rosaCode); a.Divided != 1 || a.Letters != 0 || a.InFlight != 0 {
		t.Errorf("erased %+v", a)
	}
	if a := c.privacy("export", rosaCode); len(a.Records) != 0 {
		t.Errorf("left are %+v", a.Records)
	}
	if wrong := holds(biceCode, "letter", "[14 99]"); wrong != "" {
		t.Error(wrong)
	}
	if code, out, problems := command(t, c.dir, "dead", "replay", "--route", "digest", "--yes", "--console", c.console); code != exitOK {
		t.Fatal(code, out, problems)
	}
	eventually(t, func() string {
		if n, numbers := system.all(); n != 1 || fmt.Sprint(numbers) != "[14 99]" {
			return fmt.Sprintf("%d batches of %v\n%s", n, numbers, c.log.String())
		}
		return ""
	})

	system.mu.Lock()
	system.down = true
	system.mu.Unlock()
	batch()
	eventually(t, func() string { return holds(rosaCode, "message", "[13 15]") })
	eventually(t, func() string { // while it is tried it is left
		if a := c.privacy("erase", rosaCode); a.InFlight != 0 {
			return fmt.Sprintf("erased %+v", a)
		}
		return ""
	})
	if a := c.privacy("export", rosaCode); len(a.Records) != 0 {
		t.Errorf("left are %+v", a.Records)
	}
	// The message that closed the batch is done only after the batch is kept: for a moment there are both.
	eventually(t, func() string { return holds(biceCode, "message", "[14 99]") })
	system.mu.Lock()
	system.down = false
	system.mu.Unlock()
	eventually(t, func() string {
		if n, numbers := system.all(); n != 2 || fmt.Sprint(numbers) != "[14 14 99 99]" {
			return fmt.Sprintf("%d batches of %v", n, numbers)
		}
		return ""
	})
}

// TestPrivacyOfSharedAnswers: what a process has answered under a key is erased on the Redis server that it shares with another, which
// then answers a repetition as the first does, and has nothing done.
func TestPrivacyOfSharedAnswers(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	r.say(strings.Fields(strings.Replace(storageBlocks(t, "acl")[0], ">PASSWORD", ">password", 1))...) // as the guide says
	url := strings.Replace(r.patient(), "redis://", "redis://fondaco:password@", 1)
	system := &fickle{took: map[string]int{}}
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	login := newLoginService(t)
	one := login.serve(t, "storage: { cache: \"${env.CACHE}\" }\n", personRoutes, "", "ARCHIVE="+backend.URL, "CACHE="+url)
	two := login.serve(t, "storage: { cache: \"${env.CACHE}\" }\n", personRoutes, "", "ARCHIVE="+backend.URL, "CACHE="+url)
	direct := func(c *citizens, person string, number int) int {
		t.Helper()
		code, _, _ := c.as(person, http.MethodPost, "/direct", fmt.Sprintf(`{"number":%d}`, number), "Idempotency-Key",
			fmt.Sprint("the-key-of-the-answer-", number))
		return code
	}
	const keys = 10
	for number := range keys {
		if code := direct(one, rosaCode, number); code != 200 {
			t.Errorf("%d is answered %d", number, code)
		}
	}
	if code := direct(one, biceCode, keys); code != 200 {
		t.Errorf("the other's is answered %d", code)
	}
	list := one.privacy("export", rosaCode).of("copy")
	if len(list) == 0 || !strings.Contains(string(list[0].JSON), "direct") {
		t.Fatalf("of copies there are %+v", list)
	}
	if a := one.privacy("erase", rosaCode); a.Copies != int64(len(list)) || a.Answers != keys {
		t.Errorf("erased %+v, expected %d copies of %d answers", a, len(list), keys)
	}
	gone := 0
	for number := range keys {
		if direct(two, rosaCode, number) == http.StatusGone {
			gone++
		}
	}
	if gone == 0 {
		t.Error("the other process answers none of the keys with 410")
	}
	if _, took := system.state(); took[fmt.Sprint("/files/", keys)] != 1 {
		t.Errorf("the system took %v", took)
	}
	if code := direct(two, biceCode, keys); code != 200 {
		t.Errorf("the other's is answered %d", code)
	}
	// What was done again was answered anew after the erasure.
	if list := one.privacy("export", rosaCode).of("copy"); len(list) > keys-gone {
		t.Errorf("left are %d: %+v", len(list), list)
	}
}
