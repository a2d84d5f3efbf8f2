package kafka

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

// identity makes a certificate for 127.0.0.1 that ends at the given time, as PEM, and those who trust it.
func identity(t *testing.T, ends time.Time) (key, certificate []byte, trust *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "kafka"}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: ends,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	trust = x509.NewCertPool()
	trust.AddCert(parsed)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		trust
}

// secured starts a node that wants TLS and the password of user "fondaco".
func secured(t *testing.T, ends time.Time) (*kafkatest.Node, *x509.CertPool) {
	t.Helper()
	key, certificate, trust := identity(t, ends)
	store, anchors := filepath.Join(t.TempDir(), "store.pem"), filepath.Join(t.TempDir(), "trust.pem")
	if err := errors.Join(os.WriteFile(store, append(key, certificate...), 0o600), os.WriteFile(anchors, certificate, 0o600)); err != nil {
		t.Fatal(err)
	}
	return kafkatest.New(t,
		"listeners=SASL_SSL://127.0.0.1:$PORT,CONTROLLER://127.0.0.1:$CONTROLLER",
		"advertised.listeners=SASL_SSL://127.0.0.1:$PORT",
		"listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
		"inter.broker.listener.name=SASL_SSL",
		"sasl.enabled.mechanisms=PLAIN",
		"sasl.mechanism.inter.broker.protocol=PLAIN",
		`listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="fondaco" password="right" user_fondaco="right";`,
		"ssl.keystore.type=PEM", "ssl.keystore.location="+store,
		"ssl.truststore.type=PEM", "ssl.truststore.location="+anchors,
	), trust
}

// TestSecured: TLS and a password; what is wrong with either is told without the password.
func TestSecured(t *testing.T) {
	t.Parallel()
	n, trust := secured(t, time.Now().Add(time.Hour))
	o := options(n)
	o.TLS, o.User, o.Password = &tls.Config{RootCAs: trust}, "fondaco", "right"
	b := opened(t, o)
	ensure(t, b, "t")
	publishSome(t, b, "t", 0, 1)
	next(t, subscribed(t, b, "g", "t", 1)).Ack()

	for _, c := range []struct {
		name   string
		change func(*Options)
		says   string
	}{
		{"wrong password", func(o *Options) { o.Password = "canary-password" }, "Authentication failed"},
		{"unknown authority", func(o *Options) { o.TLS = &tls.Config{RootCAs: x509.NewCertPool()} }, "certificate"},
		{"another name", func(o *Options) { o.TLS = &tls.Config{RootCAs: trust, ServerName: "another"} }, "certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := o
			c.change(&o)
			refused(t, o, c.says)
		})
	}
}

// TestExpired: a broker whose certificate has ended.
func TestExpired(t *testing.T) {
	t.Parallel()
	n, trust := secured(t, time.Now().Add(-time.Hour))
	o := options(n)
	o.TLS, o.User, o.Password = &tls.Config{RootCAs: trust}, "fondaco", "right"
	refused(t, o, "expired")
}

// TestMechanisms: every way to say a password and to show a certificate, against a broker that demands it; without what it
// demands nothing goes.
func TestMechanisms(t *testing.T) {
	t.Parallel()
	key, certificate, trust := identity(t, time.Now().Add(time.Hour))
	store, anchors := filepath.Join(t.TempDir(), "store.pem"), filepath.Join(t.TempDir(), "trust.pem")
	if err := errors.Join(os.WriteFile(store, append(key, certificate...), 0o600), os.WriteFile(anchors, certificate, 0o600)); err != nil {
		t.Fatal(err)
	}
	login := `org.apache.kafka.common.security.`
	n := kafkatest.New(t,
		"listeners=SASL_SSL://127.0.0.1:$PORT,CONTROLLER://127.0.0.1:$CONTROLLER",
		"advertised.listeners=SASL_SSL://127.0.0.1:$PORT",
		"listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
		"inter.broker.listener.name=SASL_SSL",
		"sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
		"sasl.mechanism.inter.broker.protocol=PLAIN",
		`listener.name.sasl_ssl.plain.sasl.jaas.config=`+login+
			`plain.PlainLoginModule required username="fondaco" password="right" user_fondaco="right";`,
		`listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=`+login+`scram.ScramLoginModule required;`,
		`listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=`+login+`scram.ScramLoginModule required;`,
		"ssl.keystore.type=PEM", "ssl.keystore.location="+store,
		"ssl.truststore.type=PEM", "ssl.truststore.location="+anchors,
		"ssl.client.auth=required",
		kafkatest.ScramUser("SCRAM-SHA-256", "dime256", "pass256"), kafkatest.ScramUser("SCRAM-SHA-512", "dime512", "pass512"),
	)
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	good := options(n)
	good.TLS = &tls.Config{RootCAs: trust, Certificates: []tls.Certificate{pair}}
	for i, c := range []struct{ mechanism, user, password string }{
		{"", "fondaco", "right"}, {Plain, "fondaco", "right"}, {ScramSHA256, "dime256", "pass256"}, {ScramSHA512, "dime512", "pass512"},
	} {
		o := good
		o.Mechanism, o.User, o.Password = c.mechanism, c.user, c.password
		b := opened(t, o)
		topic := fmt.Sprint("t", i)
		ensure(t, b, topic)
		publishSome(t, b, topic, 0, 1)
		next(t, subscribed(t, b, "g", topic, 1)).Ack()
	}
	for _, c := range []struct {
		name, says string
		change     func(*Options)
	}{
		{"wrong password", "", func(o *Options) { o.Password = "canary-password" }},
		{"mechanism of another user", "", func(o *Options) { o.Mechanism = ScramSHA256 }},
		{"no certificate", "", func(o *Options) { o.TLS = &tls.Config{RootCAs: trust} }},
		{"no user", "", func(o *Options) { o.User, o.Password, o.Mechanism = "", "", "" }},
	} {
		o := good
		o.Mechanism, o.User, o.Password = ScramSHA512, "dime512", "pass512"
		c.change(&o)
		refused(t, o, c.says)
	}
}

// refused expects that health reports the cause, that nothing is published, and that Close ends.
func refused(t *testing.T, o Options, says string) {
	t.Helper()
	b := opened(t, o)
	in := subscribed(t, b, "g", "t", 1)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := messaging.Publish(ctx, b, "t", messaging.Message{ID: "1", Type: "t", Source: "/s"})
	if err == nil || errors.Is(err, messaging.ErrUnknown) {
		t.Errorf("published with %v; expected that nothing was sent", err)
	}
	eventually(t, 15*time.Second, "health reports the cause", func() error {
		err := b.Health()
		if err == nil || !strings.Contains(err.Error(), says) {
			return errors.Join(errors.New("expected "+says), err)
		}
		return nil
	})
	if text := b.Health().Error(); strings.Contains(text, "canary") {
		t.Errorf("the password stands in %q", text)
	}
	select {
	case e, open := <-in:
		t.Errorf("%v came (open %v)", e, open)
	default:
	}
}

// TestOptions: bad options are refused in words.
func TestOptions(t *testing.T) {
	for _, c := range []struct {
		o    Options
		says string
	}{
		{Options{}, "no address"},
		{Options{Brokers: []string{"kafka"}}, "host:port"},
		{Options{Brokers: []string{"kafka.example:9092"}, User: "u", Password: "canary"}, "without TLS"},
		{Options{Brokers: []string{"127.0.0.1:1"}, Instance: "a b"}, "instance"},
		{Options{Brokers: []string{"127.0.0.1:1"}, User: "u", Mechanism: "scram"}, "scram-sha-512"},
		{Options{Brokers: []string{"127.0.0.1:1"}, Session: time.Millisecond}, "Session"},
	} {
		b, err := Open(c.o)
		if err == nil {
			b.Close()
			t.Errorf("%+v was taken", c.o.Brokers)
			continue
		}
		if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v; expected %q", err, c.says)
		}
	}
}

// TestNobodyThere: no broker at all: opening, subscribing and closing work, health reports why nothing comes.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	refused(t, Options{Brokers: []string{"127.0.0.1:1"}}, "connection refused")
	b := opened(t, Options{Brokers: []string{"127.0.0.1:1"}})
	err := messaging.Publish(t.Context(), b, "t", messaging.Message{ID: "1", Type: "t", Source: "/s", Due: time.Now().Add(time.Hour)})
	if !errors.Is(err, messaging.ErrInvalid) || !strings.Contains(err.Error(), "secret") {
		t.Errorf("a due time without a secret: %v", err)
	}
}
