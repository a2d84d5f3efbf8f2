package project

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Storage is where state is kept.
type Storage struct {
	State, Topics, TopicsSecret, Cache config.Ref
	Encryption                         Encryption
}

func (s *Storage) spec(o *spec.Object) {
	o.Ref("state", &s.State, "env", "secret").Default("data/fondaco.db").
		Doc("Operations, dead letters and schedules: a file of SQLite, or " +
			"postgres://role[:password]@host:port[,host:port]/database[?schema=name] for processes that share them. Without schema it has the " +
			"project's name; TLS and the other settings of libpq stand after the question mark.").
		Example("postgres://fondaco:${secret.postgres}@db-1.city.example:5432/fondaco?sslmode=verify-full")
	o.Ref("topics", &s.Topics, "env", "secret").Default("embedded").
		Doc("Messages: embedded; kafka://[user:password@]host:port[,host:port], with TLS, SASL and this process's name after a question mark: " +
			"tls, ca, cert, key, sasl, instance, session; or nats://[user:password@]host:port[,host:port] for JetStream, with tls, ca, cert, " +
			"key, creds, replicas, ack_wait. NATS keeps no order by key and no delays: after, key and format: json need one of the others.").
		Example("kafka://dime:${secret.kafka}@kafka-1.city.example:9093,kafka-2.city.example:9093?sasl=scram-sha-512&ca=certs/kafka.pem")
	o.Ref("topics_secret", &s.TopicsSecret, "env", "secret").
		Doc("On Kafka: what signs the headers that say when an event is due (after:). Several secrets stand with spaces between them: the " +
			"first signs, all are accepted, so that one can be changed. Without it the project's processes agree on one in the cluster.").
		Example("${secret.topics} ${secret.topics_before}")
	o.Ref("cache", &s.Cache, "env", "secret").Default("memory").
		Doc("Answers kept for a while, and counts of calls: memory, or redis://[user:password@]host:port[/number] for processes that share " +
			"them, rediss:// with TLS; ?read_timeout=200ms says how long one question may take (50 ms otherwise). It may be lost at any moment: " +
			"nothing is kept there alone.").
		Example("redis://:${secret.redis}@redis.city.example:6379")
	o.Object("encryption", s.Encryption.spec).Doc("What is stored is encrypted: bodies, headers and personal data of state, embedded " +
		"topics and, with a state on PostgreSQL, the engine's own topics on Kafka (AES-256-GCM).")
}

// Same reports whether both say the same places.
func (s *Storage) Same(other *Storage) bool {
	return s.State.Text.Value == other.State.Text.Value && s.Topics.Text.Value == other.Topics.Text.Value &&
		s.TopicsSecret.Text.Value == other.TopicsSecret.Text.Value && s.Cache.Text.Value == other.Cache.Text.Value &&
		s.Encryption.Same(&other.Encryption)
}

// check reports what can be seen to be wrong before the references are known.
func (s *Storage) check(out *diag.List) {
	s.checkEncryption(out)
	place("storage.state", s.State, nil, []string{"postgres", "postgresql"}, "a file of SQLite, or postgres://role@host:port/database", out)
	place("storage.topics", s.Topics, []string{"embedded"}, []string{"kafka", "nats"}, "embedded, kafka://host:port, or nats://host:port", out)
	if text := s.TopicsSecret.Text.Value; text != "" && !strings.Contains(text, "${") {
		s.TopicsSecret.Text.Report(out, diag.LiteralSecret, "storage.topics_secret: a secret is written into the file").
			WithHint("write ${secret.NAME}, and put the value into the secrets folder or FONDACO_SECRET_NAME")
	}
	if !place("storage.cache", s.Cache, []string{"memory"}, []string{"redis", "rediss"}, "memory, or redis://host:port", out) {
		return
	}
	if _, err := s.CacheAddress(func(string, string) (string, bool, bool) { return "1", false, true }); err != nil {
		s.Cache.Text.Report(out, diag.BadValue, "storage.cache: %s", err.Error())
	}
}

// place checks the form of one place, one of words or an address with one of schemes, and reports whether it is an address
// that begins with one of them. No words stand for any text that is not an address. A password is never shown.
func place(name string, r config.Ref, words, schemes []string, expected string, out *diag.List) bool {
	text := r.Text.Value
	scheme, rest, address := strings.Cut(text, "://")
	switch {
	case text == "" || strings.Contains(scheme, "${"): // known at the start
		return false
	case !address && (len(words) == 0 || slices.Contains(words, text)):
		return false
	case !address:
		r.Text.Report(out, diag.BadValue, "%s: found %s, expected %s", name, shown(text), expected).WithNearest(text, words)
		return false
	case !slices.Contains(schemes, scheme):
		r.Text.Report(out, diag.BadValue, "%s: found an address that begins with %s, expected %s", name, shown(scheme+"://"), expected).
			WithNearest(scheme, schemes)
		return false
	}
	if who, _, found := cutLast(rest, "@"); found {
		if _, password, found := strings.Cut(who, ":"); found && password != "" && !strings.Contains(password, "${") {
			r.Text.Report(out, diag.LiteralSecret, "%s: a secret is written into the file", name).
				WithHint("write %s://%s:${secret.NAME}@..., and put the value into the secrets folder or FONDACO_SECRET_NAME", scheme,
					strings.SplitN(who, ":", 2)[0])
		}
	}
	return true
}

// shown is a text in a message, unless it may hold a password.
func shown(text string) string {
	if strings.Contains(text, "@") || len(text) > 100 {
		return "another text"
	}
	return strconv.Quote(text)
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// CacheAddress returns the address of the Redis server that storage.cache names, as a URL; "" for memory. What references
// stand for in the user's name and password is taken as it is: no character of a password need be written otherwise. The
// error holds nothing of the address.
func (s *Storage) CacheAddress(lookup func(space, name string) (value string, secret, ok bool)) (string, error) {
	text, _, err := s.Cache.Resolve(asWritten(s.Cache, lookup))
	if err != nil || text == "" || text == "memory" {
		return "", err
	}
	return text, redisAddress(text)
}

// TopicsAddress returns what storage.topics says, "" for embedded topics. What references stand for in the user's name and
// password is taken as it is, as in CacheAddress.
func (s *Storage) TopicsAddress(lookup func(space, name string) (value string, secret, ok bool)) (string, error) {
	text, _, err := s.Topics.Resolve(asWritten(s.Topics, lookup))
	if text == "embedded" {
		text = ""
	}
	return text, err
}

// StateAddress returns what storage.state says, "" for nothing. What references stand for in the user's name and password of an
// address is taken as it is, as in CacheAddress.
func (s *Storage) StateAddress(lookup func(space, name string) (value string, secret, ok bool)) (string, error) {
	text, _, err := s.State.Resolve(asWritten(s.State, lookup))
	return text, err
}

// asWritten escapes what references in user:password@ of an address stand for.
func asWritten(r config.Ref, lookup func(space, name string) (string, bool, bool)) func(space, name string) (string, bool, bool) {
	users := 0 // how many references are in user:password@
	if _, rest, found := strings.Cut(r.Text.Value, "://"); found {
		if who, _, found := cutLast(rest, "@"); found {
			users = strings.Count(who, "${") - strings.Count(who, "$${")
		}
	}
	return func(space, name string) (string, bool, bool) {
		value, secret, ok := lookup(space, name)
		if users > 0 {
			users--
			value = strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
		}
		return value, secret, ok
	}
}

func redisAddress(text string) error {
	const expected = ", expected redis://[user:password@]host:port[/number], or rediss:// for TLS"
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" {
		return errors.New("found something else than memory and the address of a Redis server" + expected)
	}
	if u.Hostname() == "" {
		return errors.New("found an address without a host" + expected)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return errors.New("found an invalid port, expected 1 to 65535")
		}
	}
	if number := strings.TrimPrefix(u.Path, "/"); number != "" {
		if _, err := strconv.ParseUint(number, 10, 16); err != nil {
			return errors.New("found something else than a number after the host and port" + expected)
		}
	}
	return redisOptions(u)
}

// redisOptions judges what follows ? and # of an address: how long one question may take, and nothing else.
func redisOptions(u *url.URL) error {
	options, err := url.ParseQuery(u.RawQuery)
	timeout := options["read_timeout"]
	delete(options, "read_timeout")
	if err != nil || len(options) > 0 || len(timeout) > 1 || u.Fragment != "" {
		return errors.New("found something else after the address, expected nothing, or ?read_timeout=DURATION, for example ?read_timeout=200ms")
	}
	if len(timeout) == 1 {
		if d, err := time.ParseDuration(timeout[0]); err != nil || d < time.Millisecond || d > time.Minute {
			return errors.New("found an invalid read_timeout, expected 1ms to 1m, for example ?read_timeout=200ms")
		}
	}
	return nil
}
