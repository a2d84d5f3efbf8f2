package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fondaco/messaging/kafka/kafkatest"
)

// begin starts the program of one measurement, with all that its work needs: a database of its own, topics that nobody had before,
// keys. byHand says that the program is the baseline. The caller releases what it was given when the program has ended.
func (b *bench) begin(ctx context.Context, w work, program build, byHand bool, addr, dir string) (p *process, release func(), err error) {
	undo := func() {}
	defer func() {
		if err != nil {
			undo()
		}
	}()
	theirs, folder := dir, cmp.Or(w.project, "bench/project")
	env := []string{"STORAGE_KEY=" + strings.Repeat("5a", 32), "TOPICS=embedded"}
	broker := ""
	if w.kafka {
		if broker, err = b.broker(); err != nil {
			return nil, nil, err
		}
		env[1] = "TOPICS=kafka://" + broker
	}
	ours := filepath.Join(dir, "fondaco.db")
	byHand, sealed := byHand && w.baseline != plain, w.sealed && !byHand
	if w.shared && !byHand { // what is embedded is beside a state on PostgreSQL: in the project
		if folder, err = inProject(dir); err != nil {
			return nil, nil, err
		}
	}
	if sealed {
		if folder, err = encrypted(folder, filepath.Join(dir, "sealed")); err != nil {
			return nil, nil, err
		}
	}
	if w.shared {
		d, err := newDatabase()
		if err != nil {
			return nil, nil, err
		}
		undo, theirs = d.Remove, d.Address("owner", "postgres")
		if !byHand {
			if ours, err = migrated(ctx, d, program, folder, env...); err != nil {
				return nil, nil, err
			}
		}
	}
	if byHand {
		p, err = start(ctx, addr, []string{"STATE=" + theirs, "KAFKA=" + broker, "TOPIC=" + rand.Text()}, program.path, w.baseline,
			b.origin, addr)
	} else {
		p, err = b.startFondaco(ctx, program, addr, folder, append(env, "STATE="+ours)...)
	}
	return p, undo, err
}

// encrypted copies a project into another folder, with encryption, and returns that.
func encrypted(project, folder string) (string, error) {
	if err := os.CopyFS(folder, os.DirFS(project)); err != nil {
		return "", err
	}
	name := filepath.Join(folder, "fondaco.yaml")
	text, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	const storage = "storage:\n"
	if !strings.Contains(string(text), storage) {
		return "", fmt.Errorf("%s has no storage", name)
	}
	sealed := strings.Replace(string(text), storage, storage+"  encryption: { keys: [\"${env.STORAGE_KEY}\"] }\n", 1)
	return folder, os.WriteFile(name, []byte(sealed), 0o600)
}

// inProject copies bench/topics into a folder, under a name that nobody had before: its topics on Kafka and its groups are its own.
func inProject(folder string) (string, error) {
	project := filepath.Join(folder, "project")
	if err := os.CopyFS(project, os.DirFS("bench/topics")); err != nil {
		return "", err
	}
	name := filepath.Join(project, "fondaco.yaml")
	text, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	const was = "project: bench-topics"
	if !strings.Contains(string(text), was) {
		return "", fmt.Errorf("bench/topics has no line %q", was)
	}
	own := strings.Replace(string(text), was, was+"-"+strings.ToLower(rand.Text()), 1)
	return project, os.WriteFile(name, []byte(own), 0o600)
}

// broker returns the address of the node of these works; the first that asks starts it. kafkatest.ErrAbsent where there is no Kafka.
func (b *bench) broker() (string, error) {
	if b.kafka == nil {
		dir, err := os.MkdirTemp(b.dir, "kafka-")
		if err != nil {
			return "", err
		}
		node, err := kafkatest.NewServerForMeasuring(dir)
		if err != nil {
			return "", err
		}
		if err := node.Start(); err != nil {
			node.Kill()
			return "", err
		}
		b.kafka = node
	}
	return b.kafka.Addr, nil
}

// endBroker ends that node; the next that asks is given one without topics.
func (b *bench) endBroker() {
	if b.kafka != nil {
		b.kafka.Kill()
		b.kafka = nil
	}
}
