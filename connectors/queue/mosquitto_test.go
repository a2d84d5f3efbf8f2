package queue_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/connectortest"
	"fondaco/connectors/queue/queuetest"
)

// versions runs a test over both versions of MQTT, each with a real broker.
func versions(t *testing.T, test func(t *testing.T, b *queuetest.Broker, connector string)) {
	for _, version := range []string{"5", "3.1.1"} {
		t.Run(version, func(t *testing.T) { test(t, queuetest.Mosquitto(t), ofVersion(version)) })
	}
}

func TestMosquittoWatch(t *testing.T) {
	versions(t, func(t *testing.T, b *queuetest.Broker, connector string) {
		s := queuetest.System(t, b.Address, connector)
		put := queuetest.Calling(t, s, queuetest.Opened(t, s), "metti")
		if _, err := put(t.Context(), `{"nome":"nessuno"}`); err != nil { // which connects
			t.Fatal(err)
		}
		connectortest.RunWatch(t, connectortest.Watched{
			Pushed: true,
			Open: func(t testing.TB) connectors.Watching {
				w := queuetest.Watching(t, s, "livelli")
				if _, err := w.Poll(context.Background(), ""); err != nil { // what is published before the first subscription is nobody's
					t.Fatal(err)
				}
				return w
			},
			Put: func(t testing.TB, name string) {
				if _, err := put(context.Background(), `{"nome":"`+name+`"}`); err != nil {
					t.Fatal(err)
				}
			},
			Name: func(f connectors.Find) string { return f.Body.Get("nome").Str() },
		})
	})
}

// TestMosquittoItems: a message arrives with its topic, its words, its key and its id.
func TestMosquittoItems(t *testing.T) {
	versions(t, func(t *testing.T, b *queuetest.Broker, connector string) {
		s := queuetest.System(t, b.Address, connector)
		c := queuetest.Opened(t, s)
		w := queuetest.Watching(t, s, "comandi")
		defer func() { _ = w.Close() }()
		if _, err := w.Poll(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		send := queuetest.Calling(t, s, c, "comanda")
		ctx := connectors.WithEffectID(t.Context(), "effetto-1")
		if answer, err := send(ctx, `{"id":"7 è","colore":"rosso"}`); err != nil || answer != `{"id":"effetto-1"}` {
			t.Fatal(answer, err)
		}
		item := queuetest.Found(t, w, 1)[0]
		want := `{"topic":"semafori/7 è/comando","id":"7 è","message_id":"effetto-1","retained":false,"payload":{"colore":"rosso"}}`
		if strings.Contains(connector, "3.1.1") { // which has no headers
			want = strings.Replace(want, `"message_id":"effetto-1",`, "", 1)
		}
		if queuetest.Said(item.Body) != want {
			t.Errorf("found    %s\nexpected %s", queuetest.Said(item.Body), want)
		}
		if item.Key != "7 è" {
			t.Errorf("key %q", item.Key)
		}
	})
}

// TestMosquittoRetained: what the broker retains comes to a new subscription, marked.
func TestMosquittoRetained(t *testing.T) {
	versions(t, func(t *testing.T, b *queuetest.Broker, connector string) {
		s := queuetest.System(t, b.Address, connector)
		if _, err := queuetest.Calling(t, s, queuetest.Opened(t, s), "trattieni")(t.Context(), `{"id":"a","body":"verde"}`); err != nil {
			t.Fatal(err)
		}
		w := queuetest.Watching(t, s, "stati")
		defer func() { _ = w.Close() }()
		if item := queuetest.Found(t, w, 1)[0]; !item.Body.Get("retained").Bool() || item.Body.Get("payload").Str() != "verde" {
			t.Error(queuetest.Said(item.Body))
		}
	})
}

// TestMosquittoStopped: a broker that stops amid publishing and reading, and starts again, loses nothing that it has confirmed, and what is
// read is each message at least once, under one id.
func TestMosquittoStopped(t *testing.T) {
	versions(t, func(t *testing.T, b *queuetest.Broker, connector string) {
		s := queuetest.System(t, b.Address, connector)
		w := queuetest.Watching(t, s, "livelli")
		defer func() { _ = w.Close() }()
		if _, err := w.Poll(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		c := queuetest.Opened(t, s)
		put := queuetest.Calling(t, s, c, "metti")
		const each, publishers = 150, 4
		var mu sync.Mutex
		confirmed := map[string]bool{}
		var wait sync.WaitGroup
		for p := range publishers {
			wait.Go(func() {
				for i := range each {
					name := fmt.Sprintf("p%d-%d", p, i)
					for end := time.Now().Add(queuetest.Patience); ; time.Sleep(20 * time.Millisecond) {
						ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
						_, err := put(ctx, `{"nome":"`+name+`"}`)
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
				time.Sleep(20 * time.Millisecond)
				return
			}
			for _, item := range f.Items {
				name := item.Body.Get("nome").Str()
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
		for stops := 0; stops < 2; stops++ {
			for before := len(ids); len(ids) < before+50; {
				read()
			}
			b.Stop(t, syscall.SIGTERM)
			b.Start(t)
		}
		for done := false; !done; {
			select {
			case <-published:
				done = true
			default:
				read()
			}
		}
		for end := time.Now().Add(time.Minute); len(ids) < len(confirmed) && time.Now().Before(end); {
			read()
		}
		for name := range confirmed {
			if ids[name] == "" {
				t.Errorf("%s was confirmed, and never came", name)
			}
		}
		if len(confirmed) != each*publishers {
			t.Errorf("%d were confirmed, expected %d", len(confirmed), each*publishers)
		}
	})
}
