package storage

import (
	"net/url"
	"testing"
	"time"

	"fondaco/messaging/kafka"
)

func TestMembership(t *testing.T) {
	for said, want := range map[string]string{
		"":                      "",
		"instance=a&session=3s": "",
		"instance=":             "found an instance without a name; expected one that is this process's own, and the same after a restart",
		"session=10":            "found session=10, expected a duration from 1s to 5m",
		"session=1ms":           "found session=1ms, expected a duration from 1s to 5m",
		"instance=a&acks=0":     `found "acks" after the address of Kafka, expected instance, session, sasl, tls, ca, cert or key`,
	} {
		q, err := url.ParseQuery(said)
		if err != nil {
			t.Fatal(err)
		}
		var o kafka.Options
		got := ""
		if err := membership(&o, q); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("?%s: %q, expected %q", said, got, want)
		}
		if said == "instance=a&session=3s" && (o.Instance != "a" || o.Session != 3*time.Second) {
			t.Errorf("?%s: %+v", said, o)
		}
	}
}
