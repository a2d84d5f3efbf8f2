package storage

import (
	"context"
	"fmt"

	"fondaco/messaging/embedded"
	"fondaco/messaging/kafka"
	"fondaco/messaging/watermill/nats"
	"fondaco/routes"
	"fondaco/store"
)

func (s *Storage) openTopics(ctx context.Context, of Project, at statePlace) error {
	p := of.Typed.Model.Project
	topics, err := p.Storage.TopicsAddress(of.Source.Lookup)
	if err != nil {
		return err
	}
	if topics == "" {
		file := TopicsFile(at.file)
		keys, err := EncryptionKeys(p, of.Source.Lookup)
		if err == nil {
			s.broker, err = embedded.Open(ctx, file, embedded.Options{Project: p.Name.Value, Keys: keys, Clock: s.time})
		}
		return err
	}
	if onNATS(topics) {
		return s.openNATS(of, topics)
	}
	o, err := kafkaAt(of, topics)
	if err != nil {
		return err
	}
	o.Stopped = func(topic, group string, err error) {
		s.log.Error("a subscription has ended by itself: its messages wait", "topic", topic, "group", group, "error", err)
	}
	o.Warn = func(topic, warning string) {
		s.log.Warn("a topic is not as it should be", "topic", topic, "warning", warning)
	}
	if at.kind.groups != nil {
		s.seen = at.kind.groups(s.state)
	} else if s.seen, err = openSeen(groupsFile(at.file)); err != nil {
		return err
	}
	o.Clock = s.time
	o.Seen, o.Seals = s.seen, s.sealing()
	b, err := kafka.Open(o)
	if err != nil {
		s.seen.close()
		return err
	}
	s.broker, s.kafka, s.remote = b, b, true
	return nil
}

// seals returns what encrypts what processes keep elsewhere, nil if nothing does.
func (s *Storage) seals() store.Seals {
	if with, ok := s.state.(store.Sealer); ok && with.Seals().On() {
		return with.Seals()
	}
	return nil
}

// sealing returns what encrypts the engine's own topics on Kafka, nil if nothing does.
func (s *Storage) sealing() *kafka.Seals {
	if with := s.seals(); with != nil {
		return &kafka.Seals{Seals: with, Of: routes.PersonOf, Apart: routes.TakeApart, Together: routes.PutTogether}
	}
	return nil
}

// openNATS opens topics on NATS.
func (s *Storage) openNATS(of Project, address string) error {
	o, err := natsOptions(of.Dir, of.Typed.Model.Project.Name.Value, address)
	if err != nil {
		return err
	}
	o.Clock = s.time
	s.broker, err = nats.Open(o)
	s.remote = true
	return err
}

// kafkaAt returns the options for the cluster of Kafka at an address that a project keeps its topics on.
func kafkaAt(of Project, address string) (kafka.Options, error) {
	p := of.Typed.Model.Project
	o, err := kafkaOptions(of.Dir, p.Name.Value, address)
	if err != nil {
		return o, err
	}
	secrets, _, err := p.Storage.TopicsSecret.Resolve(of.Source.Lookup)
	if err != nil {
		return o, fmt.Errorf("topics_secret: %w", err)
	}
	signedBy(&o, secrets)
	return o, nil
}
