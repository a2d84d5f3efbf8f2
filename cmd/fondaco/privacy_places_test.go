package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"fondaco/store/postgres/postgrestest"
)

// placesRoutes keep a person's name in every place that keeps bodies.
const placesRoutes = `routes:
  file:
    http: POST /files
    auth: { scheme: citizen }
    accept: async
    reply_to: { allow: ["${env.DESK}/ends/"], attempts: 1000, backoff: 20ms..200ms }
    work: { attempts: 1000, backoff: 10ms..200ms, key: "${body.name}-${text(body.number)}" }
    header: { x-alias: { type: string, personal: true } }
    body: { type: object, required: [number, name], properties: { number: { type: integer }, name: { type: string, personal: true } } }
    steps:
      - call: archive.file
        with: { number: "${body.number}" }
      - publish: filed
        event: { number: "${body.number}", name: "${body.name}" }
    respond: { status: 201, headers: { x-alias: "${header[\"x-alias\"] ?? \"\"}" }, body: { name: "${body.name}" } }
  direct:
    http: POST /direct
    auth: { scheme: citizen }
    body: { type: object, required: [number, name], properties: { number: { type: integer }, name: { type: string, personal: true } } }
    steps:
      - call: archive.enter
        with: { name: "${body.name}" }
    respond: { body: { direct: "${body.name}" } }
  enter:
    http: POST /entries
    auth: { scheme: citizen }
    accept: async
    work: { attempts: 3, backoff: 10ms..50ms }
    body: { type: object, required: [name], properties: { number: { type: integer }, name: { type: string, personal: true } } }
    steps:
      - call: archive.enter
        with: { name: "lost ${body.name}" }
    respond: { status: 201, body: { name: "${body.name}" } }
  note:
    topic: filed
    work: { attempts: 1000, backoff: 10ms..200ms }
    steps:
      - call: archive.note
        with: { number: "${message.data.number}" }
  gather:
    topic: filed
    collect: { by: "${message.data.name}", within: 1h }
    steps:
      - call: archive.note
        with: { number: "${len(messages)}" }
  digest:
    topic: filed
    collect: { count: 100, within: 1h, until: message.data.number == 99 }
    work: { attempts: 1000, backoff: 20ms..200ms }
    steps:
      - call: archive.digest
        with: { names: { $for: m in messages, $item: "${m.data.name ?? \"\"}-${text(m.data.number)}" } }
`

const placesOperations = `  enter:
    post: /entries
    effect: once
    body: { type: object, required: [name], properties: { name: { type: string } } }
    answer: { type: object, properties: {} }
  digest:
    post: /digests
    effect: idempotent
    body: { type: object, required: [names], properties: { names: { type: array, items: { type: string } } } }
    answer: { type: object, properties: {} }
`

const (
	rosaAlias = "Rosalba-of-the-nine-bells" // in whatever Rosa sends
	biceAlias = "Beatrice-of-the-two-oars"
)

// crossing is a system that is down for some paths, refuses /notes/14 in words that hold the caller's, and never answers an entry that
// begins with "lost". It remembers what it took.
type crossing struct {
	mu   sync.Mutex
	down bool
	took []string // paths and bodies
}

func (s *crossing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case s.down && slices.Contains([]string{"/files/1", "/notes/3", "/digests"}, r.URL.Path):
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	case r.URL.Path == "/notes/14":
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprintf(w, `{"title":"no","detail":"%s is not known"}`, rosaAlias)
	case strings.Contains(string(body), `"lost `):
		panic(http.ErrAbortHandler)
	default:
		s.took = append(s.took, r.URL.Path+" "+string(body))
		_, _ = io.WriteString(w, "{}")
	}
}

func (s *crossing) is(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down, s.took = down, nil
}

func (s *crossing) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.took, "\n")
}

// places are where a served project keeps what it is sent: the files of its folder, and perhaps a database.
type places struct {
	*citizens
	db     *postgrestest.Server // nil: the state is a file
	system *crossing
	desk   *desk
	at     string // the desk's address
}

// send has a person call a route, with the person's name in all that is sent.
func (p *places) send(person, path string, number int) (id string) {
	p.Helper()
	alias := map[string]string{rosaCode: rosaAlias, biceCode: biceAlias}[person]
	headers := []string{"X-Alias", alias}
	if person == rosaCode {
		headers = append(headers, "Idempotency-Key", fmt.Sprintf("%s-the-key-%d", alias, number))
	}
	if path == "/files" && number < 3 {
		headers = append(headers, "X-ReplyTo", fmt.Sprintf("%s/ends/x?n=%d&of=%s", p.at, number, url.QueryEscape(alias)))
	}
	code, body, h := p.as(person, http.MethodPost, path, fmt.Sprintf(`{"number":%d,"name":%q}`, number, alias), headers...)
	if code >= 300 {
		p.Fatal(path, number, code, body)
	}
	return h.Get("X-Correlation-ID")
}

// counts returns how many records of each kind there are of a person.
func (p *places) counts(person string) string {
	p.Helper()
	kinds := map[string]int{}
	for _, r := range p.privacy("export", person).Records {
		kinds[r.Kind]++
	}
	return fmt.Sprint(kinds)
}

// fill has both persons' data in every place, and returns the operation of Rosa whose end waits to be told.
func (p *places) fill() {
	p.Helper()
	p.system.is(true)
	p.send(rosaCode, "/files", 1)     // waits
	p.send(rosaCode, "/files", 2)     // is done, and its end waits to be told
	p.send(rosaCode, "/files", 3)     // is done, and its event waits
	p.send(rosaCode, "/files", 14)    // whose event dies
	p.send(rosaCode, "/direct", 50)   // an answer under a key
	p.send(rosaCode, "/entries", 100) // a call of which nobody knows how it ended
	p.send(biceCode, "/files", 20)
	gathered := func(hers, others int) {
		p.Helper()
		eventually(p.T, func() string {
			a, b := p.privacy("export", rosaCode).of("collected"), p.privacy("export", biceCode).of("collected")
			if len(a) != hers || len(b) != others {
				return fmt.Sprintf("gathered are %d and %d, expected %d and %d", len(a), len(b), hers, others)
			}
			return ""
		})
	}
	gathered(6, 2) // by each of two routes
	p.send(biceCode, "/files", 99)
	gathered(3, 2) // the batch of both waits as a message
	p.send(rosaCode, "/files", 4)
	p.send(biceCode, "/files", 21)
	gathered(5, 4) // and the next one is open
}

// TestPrivacyInEveryPlace: a person's name stands in every place that keeps bodies, with another's beside it: requests that wait,
// results, ends that wait to be told, events that wait, dead letters, batches that are open or wait, calls that were begun, answers under
// a key. After the erasure it is in no byte of a file and in no row, and with encryption neither are the data keys; the other's part of
// the batches is worked on.
func TestPrivacyInEveryPlace(t *testing.T) {
	t.Parallel()
	for state, start := range map[string]func(*testing.T, string) *places{"sqlite": startPlaces, "postgres": startSharedPlaces} {
		for name, storage := range map[string]string{
			"as it is": "", "encrypted": ", encryption: { keys: [\"${secret.storage}\"] }",
		} {
			if testing.Short() && (state == "sqlite") == (storage != "") {
				continue // one of each is tried
			}
			t.Run(state+" "+name, func(t *testing.T) { start(t, storage).test(storage != "") })
		}
	}
}

func startPlaces(t *testing.T, storage string) *places {
	return servePlaces(t, "data/fondaco.db", storage, nil)
}

func startSharedPlaces(t *testing.T, storage string) *places {
	db := database(t)
	return servePlaces(t, db.Address("fondaco", "postgres"), storage, db)
}

func servePlaces(t *testing.T, state, storage string, db *postgrestest.Server) *places {
	t.Helper()
	p := &places{db: db, system: &crossing{}, citizens: &citizens{T: t, login: newLoginService(t)}}
	backend := httptest.NewServer(p.system)
	t.Cleanup(backend.Close)
	p.desk = &desk{heard: map[string][]hearing{}, answer: func(int, int) int { return http.StatusServiceUnavailable }}
	receiver := httptest.NewServer(p.desk)
	t.Cleanup(receiver.Close)
	p.at = receiver.URL
	files := maps.Clone(p.login.project(fmt.Sprintf("storage: { state: %q, topics: embedded%s }\n", state, storage), placesRoutes,
		placesOperations))
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "properties: { number: { type: integer } }",
		"properties: { number: { type: integer }, name: { type: string, personal: true } }", 1)
	p.dir = written(t, files)
	if db != nil {
		done(t, p.dir, "migrate", ".", "--owner", db.Address("owner", "postgres"))
	}
	p.process = startProcess(t, p.dir, "ARCHIVE="+backend.URL, "DESK="+receiver.URL, storageKey)
	return p
}

func (p *places) test(encrypted bool) {
	p.fill()
	eventually(p.T, func() string {
		a, want := p.counts(rosaCode), "map[answer:7 collected:5 letter:2 message:2 operation:6 request:1]"
		if a != want {
			return "of Rosa there are " + a + ", expected " + want
		}
		return ""
	})
	p.everywhere(encrypted)
	mark := regexp.MustCompile(`person ([0-9a-f]{32})`).FindStringSubmatch(done(p.T, p.dir, "audit", "list", "--console", p.console))
	if mark == nil {
		p.Fatal("the audit has no pseudonym")
	}
	_, keys := p.inTables(rosaAlias, mark[1])
	if (len(keys) > 0) != encrypted {
		p.Errorf("of Rosa there are %d data keys", len(keys))
	}
	cancelled := int64(0)
	eventually(p.T, func() string { // while something is tried it is left
		a := p.privacy("erase", rosaCode)
		if cancelled += a.Cancelled; a.InFlight != 0 || cancelled != 1 {
			return fmt.Sprintf("erased %+v, %d cancelled", a, cancelled)
		}
		return ""
	})
	p.desk.answers(func(int, int) int { return http.StatusNoContent })
	eventually(p.T, func() string { // what was cancelled stays until the next erasure, so that its end can be told
		if len(p.privacy("export", rosaCode).Records) != 0 {
			p.privacy("erase", rosaCode)
			return "something is left"
		}
		return ""
	})
	p.privacy("erase", rosaCode)    // with the keys of what was told between
	eventually(p.T, func() string { // the bytes that are freed are overwritten soon
		if where := p.where(rosaAlias); where != "" {
			return "Rosa's name still stands in " + where
		}
		return ""
	})
	p.shredded(mark[1], keys)
	p.goesOn(encrypted)
}

// goesOn has the system come back: what is Bice's is worked on, of the batches too, and nothing of Rosa's.
func (p *places) goesOn(encrypted bool) {
	p.Helper()
	p.system.is(false)
	p.send(biceCode, "/files", 99)
	one := func(numbers ...int) string {
		var names []string
		for _, n := range numbers {
			names = append(names, fmt.Sprintf(`"%s-%d"`, biceAlias, n))
		}
		return "/digests " + fmt.Sprintf(`{"names":[%s]}`, strings.Join(names, ","))
	}
	eventually(p.T, func() string {
		took := p.system.all()
		for _, want := range []string{one(20, 99), one(21, 99)} {
			if !strings.Contains(took, want) {
				return fmt.Sprintf("the system took\n%s\nexpected\n%s", took, want)
			}
		}
		return ""
	})
	for _, never := range []string{rosaAlias, "/files/1 ", "/notes/3 "} {
		if took := p.system.all(); strings.Contains(took, never) {
			p.Errorf("the system took\n%s\nand with it %s", took, never)
		}
	}
	if where := p.where(biceAlias); (where == "") != encrypted {
		p.Errorf("Bice's name stands in %q", where)
	}
	if n := len(p.privacy("export", biceCode).of("operation")); n != 4 {
		p.Errorf("of Bice there are %d operations, expected 4", n)
	}
	p.end()
	if where := p.where(rosaAlias); where != "" {
		p.Errorf("after the end Rosa's name stands in %s", where)
	}
	if strings.Contains(p.log.String(), rosaAlias) {
		p.Error("Rosa's name stands in the log")
	}
}
