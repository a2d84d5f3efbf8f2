package queuetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// RabbitMQ starts a broker of AMQP 0.9.1, which ends with the test; its user is guest. The test is skipped, but in CI, where RabbitMQ is
// absent.
func RabbitMQ(t testing.TB) *Broker {
	t.Helper()
	program := find(t, "RabbitMQ", "/usr/lib/rabbitmq/bin/rabbitmq-server")
	folder := t.TempDir()
	port, dist, epmd := freePort(t), freePort(t), freePort(t)
	config := filepath.Join(folder, "rabbitmq.conf")
	write(t, config, "listeners.tcp.1 = 127.0.0.1:"+port+"\n")
	write(t, filepath.Join(folder, "plugins"), "[].\n")
	environment := append(os.Environ(), "HOME="+folder, "RABBITMQ_NODENAME=prova"+port+"@localhost", "RABBITMQ_MNESIA_BASE="+folder,
		"RABBITMQ_LOG_BASE="+folder, "RABBITMQ_CONFIG_FILE="+config, "RABBITMQ_ENABLED_PLUGINS_FILE="+filepath.Join(folder, "plugins"),
		"RABBITMQ_DIST_PORT="+dist, "ERL_EPMD_PORT="+epmd, "ERL_EPMD_ADDRESS=127.0.0.1")
	b := &Broker{Address: "amqp://127.0.0.1:" + port, ready: answers("127.0.0.1:" + port), group: true}
	b.start = func(testing.TB) *exec.Cmd {
		c := exec.Command(program)
		c.Env, c.Dir = environment, folder
		c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		return c
	}
	t.Cleanup(func() {
		b.Stop(t, syscall.SIGKILL)
		stop := exec.Command("epmd", "-port", epmd, "-kill") // which the broker has started, and which outlives it
		stop.Env = environment
		_ = stop.Run()
	})
	b.Start(t)
	return b
}
