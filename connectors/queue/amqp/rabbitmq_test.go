package amqp_test

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/connectortest"
	"fondaco/connectors/queue/queuetest"

	wire "github.com/rabbitmq/amqp091-go"
)

const connector = `connector: broker
version: 1.0.0
params: { endpoint: { type: string } }
queue:
  address: ${param.endpoint}
operations:
  metti:
    publish: livelli.{zona}
    exchange: eventi
    content: json
    headers: { lotto: { type: string } }
    schema: { type: object, required: [nome], properties: { nome: { type: string } } }
  altrove:
    publish: livelli
    exchange: nessuno
    content: text
  diretto:
    publish: "{coda}"
    content: text
  chiedi:
    request: richieste
    effect: read
    content: text
    reply: { type: object, required: [eco], properties: { eco: { type: string } } }
watches:
  livelli:
    queue: livelli
    content: json
    schema: { type: object, required: [nome], properties: { nome: { type: string } } }
    headers: { lotto: { type: string } }
    id: [payload.nome]
    key: payload.nome
    prefetch: 4
  mancante:
    queue: mancante
    content: text
`

// arranged declares an exchange, a queue with dead letters, and their bindings, as those do who run a broker.
func arranged(t testing.TB, b *queuetest.Broker) *wire.Channel {
	t.Helper()
	conn, err := wire.Dial(b.Address)
	for end := time.Now().Add(queuetest.Patience); err != nil && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		conn, err = wire.Dial(b.Address) // it listens a moment before it serves
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(ch.ExchangeDeclare("eventi", "topic", true, false, false, false, nil))
	_, err = ch.QueueDeclare("morte", true, false, false, false, nil)
	check(err)
	_, err = ch.QueueDeclare("livelli", true, false, false, false, wire.Table{
		"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "morte",
	})
	check(err)
	check(ch.QueueBind("livelli", "livelli.*", "eventi", false, nil))
	return ch
}

func TestRabbitMQ(t *testing.T) {
	b := queuetest.RabbitMQ(t)
	ch := arranged(t, b)
	s := queuetest.System(t, b.Address, connector)
	c := queuetest.Opened(t, s)
	put := queuetest.Calling(t, s, c, "metti")
	t.Run("published", func(t *testing.T) {
		ctx := connectors.WithEffectID(t.Context(), "effetto-1")
		if got, err := put(ctx, `{"zona":"a","nome":"x","lotto":"L1"}`); err != nil || got != `{"id":"effetto-1"}` {
			t.Fatal(got, err)
		}
		w := queuetest.Watching(t, s, "livelli")
		defer func() { _ = w.Close() }()
		want := `{"topic":"livelli.a","message_id":"effetto-1","headers":{"lotto":"L1"},"payload":{"nome":"x"}}`
		if got := queuetest.Said(queuetest.Found(t, w, 1)[0].Body); got != want {
			t.Errorf("found    %s\nexpected %s", got, want)
		}
	})
	t.Run("unroutable", func(t *testing.T) {
		for operation, in := range map[string]string{
			"altrove": `{"body":"x"}`, "diretto": `{"coda":"nessuna","body":"x"}`,
		} {
			_, err := queuetest.Calling(t, s, c, operation)(t.Context(), in)
			if f := connectors.AsFault(err); f == nil || f.Kind != connectors.NotFound {
				t.Errorf("%s: %v, expected not-found", operation, err)
			}
		}
		for range 200 { // a message that came back is noted before its confirm is answered
			if _, err := queuetest.Calling(t, s, c, "diretto")(t.Context(), `{"coda":"nessuna","body":"x"}`); err == nil {
				t.Fatal("what came back was answered as published")
			}
		}
		if _, err := put(t.Context(), `{"zona":"a.b","nome":"x"}`); connectors.AsFault(err) == nil ||
			connectors.AsFault(err).Kind != connectors.Invalid {
			t.Errorf("a word with a dot: %v", err)
		}
	})
	t.Run("missing queue", func(t *testing.T) {
		w := queuetest.Watching(t, s, "mancante")
		defer func() { _ = w.Close() }()
		if f, err := w.Poll(t.Context(), ""); err == nil {
			t.Errorf("found %v, expected an error", f)
		}
	})
	t.Run("refused", func(t *testing.T) {
		if err := ch.PublishWithContext(t.Context(), "", "livelli", true, false, wire.Publishing{Body: []byte("{")}); err != nil {
			t.Fatal(err)
		}
		if _, err := put(t.Context(), `{"zona":"a","nome":"buono"}`); err != nil {
			t.Fatal(err)
		}
		w := queuetest.Watching(t, s, "livelli")
		defer func() { _ = w.Close() }()
		if got := queuetest.Found(t, w, 1)[0].Body.Get("payload").Get("nome").Str(); got != "buono" {
			t.Errorf("found %s", got)
		}
		for end := time.Now().Add(queuetest.Patience); ; time.Sleep(10 * time.Millisecond) {
			f, err := w.Poll(t.Context(), "") // the bad one was sent by another connection, and may come later
			if err == nil && f.Done != nil {
				err = f.Done(t.Context(), true)
			}
			if err != nil {
				t.Fatal(err)
			}
			d, there, err := ch.Get("morte", true)
			if err != nil || time.Now().After(end) {
				t.Fatal("the dead letter does not come", err)
			}
			if there {
				if string(d.Body) != "{" {
					t.Errorf("the dead letter is %s", d.Body)
				}
				return
			}
		}
	})
	t.Run("request", func(t *testing.T) { request(t, ch, queuetest.Calling(t, s, c, "chiedi")) })
	t.Run("watch", func(t *testing.T) {
		if _, err := queuetest.Calling(t, s, c, "diretto")(t.Context(), `{"coda":"nessuna","body":"x"}`); err == nil { // which connects
			t.Fatal("expected a fault")
		}
		connectortest.RunWatch(t, connectortest.Watched{
			Pushed: true,
			Open:   func(t testing.TB) connectors.Watching { return queuetest.Watching(t, s, "livelli") },
			Put: func(t testing.TB, name string) {
				if _, err := put(context.Background(), `{"zona":"a","nome":"`+name+`"}`); err != nil {
					t.Fatal(err)
				}
			},
			Name: func(f connectors.Find) string { return f.Body.Get("payload").Get("nome").Str() },
		})
	})
}

// request has somebody reply to a request.
func request(t *testing.T, ch *wire.Channel, ask func(context.Context, string) (string, error)) {
	if _, err := ch.QueueDeclare("richieste", false, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	asked, err := ch.Consume("richieste", "eco", true, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for d := range asked {
			_ = ch.PublishWithContext(context.Background(), "", d.ReplyTo, false, false, wire.Publishing{
				CorrelationId: d.CorrelationId, Body: fmt.Appendf(nil, `{"eco":%q}`, d.Body),
			})
		}
	}()
	if got, err := ask(t.Context(), `{"body":"ciao"}`); err != nil || got != `{"eco":"ciao"}` {
		t.Error(got, err)
	}
	if err := ch.Cancel("eco", false); err != nil {
		t.Error(err)
	}
}

// TestRabbitMQKilled: a broker that is killed amid publishing and reading has every message that it confirmed, and each is read at least
// once, under one id.
func TestRabbitMQKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("a broker takes seconds to start")
	}
	b := queuetest.RabbitMQ(t)
	arranged(t, b)
	s := queuetest.System(t, b.Address, connector)
	w := queuetest.Watching(t, s, "livelli")
	defer func() { _ = w.Close() }()
	put := queuetest.Calling(t, s, queuetest.Opened(t, s), "metti")
	var mu sync.Mutex
	confirmed := map[string]bool{}
	var wait sync.WaitGroup
	for p := range 4 {
		wait.Go(func() {
			for i := range 150 {
				name := fmt.Sprintf("p%d-%d", p, i)
				for end := time.Now().Add(queuetest.Patience); ; time.Sleep(50 * time.Millisecond) {
					ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
					_, err := put(ctx, `{"zona":"a","nome":"`+name+`"}`)
					cancel()
					if err == nil {
						mu.Lock()
						confirmed[name] = true
						mu.Unlock()
						break
					}
					if time.Now().After(end) {
						t.Errorf("%s is never confirmed: %v", name, err)
						return
					}
				}
			}
		})
	}
	published := make(chan struct{})
	go func() {
		wait.Wait()
		close(published)
	}()
	ids := map[string]string{}
	read := func() {
		f, err := w.Poll(t.Context(), "")
		if err != nil {
			time.Sleep(50 * time.Millisecond)
			return
		}
		for _, item := range f.Items {
			name := item.Body.Get("payload").Get("nome").Str()
			if ids[name] != "" && ids[name] != item.ID {
				t.Errorf("%s came as %s and as %s", name, ids[name], item.ID)
			}
			ids[name] = item.ID
		}
		if f.Done != nil {
			_ = f.Done(t.Context(), true)
		}
		if !f.More {
			w.Wait(t.Context(), 50*time.Millisecond)
		}
	}
	for end := time.Now().Add(queuetest.Patience); len(ids) < 100 && time.Now().Before(end); {
		read()
	}
	b.Stop(t, syscall.SIGKILL)
	b.Start(t)
	arranged(t, b) // RabbitMQ keeps messages before it confirms them, but what was declared moments before it is killed may be gone
	for done := false; !done; {
		select {
		case <-published:
			done = true
		default:
			read()
		}
	}
	for end := time.Now().Add(queuetest.Patience); len(ids) < len(confirmed) && time.Now().Before(end); {
		read()
	}
	for name := range confirmed {
		if ids[name] == "" {
			t.Errorf("%s was confirmed, and never came", name)
		}
	}
	if len(confirmed) != 600 {
		t.Errorf("%d were confirmed, expected 600", len(confirmed))
	}
}
