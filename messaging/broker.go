package messaging

import (
	"context"
	"time"
)

// Publisher accepts messages. It may be used concurrently.
//
// Publish returns nil only when all given messages are durable, in their order; messages of one key that are published
// one after the other, or in one call, keep that order. It waits no longer than the context of the first message.
// Errors are told apart by errors.Is: ErrUnknown, ErrFull, ErrTooLarge, ErrInvalid, ErrClosed; with the last three
// nothing was accepted. The messages are the caller's again when Publish returns, Acks are not looked at.
//
// Whoever opened the broker closes it; Publish after Close returns ErrClosed.
type Publisher interface {
	Publish(topic string, messages ...*Envelope) error
	Close() error
}

// MessagePublisher is a Publisher that takes messages as they are, so that nothing is written and read again on the way to
// it. Publish of this package is how it is called.
type MessagePublisher interface {
	// PublishMessages is as Publish of a Publisher, and waits no longer than ctx. All messages have a time, none is a replay or
	// has anything in Beside, and it checks them as Message.Check does.
	PublishMessages(ctx context.Context, topic string, messages ...Message) error
}

// Subscriber delivers the messages of topics to one consumer group. It may be used concurrently.
//
// Subscribe joins the group on a topic; the first Subscribe of a group creates it, beginning with the earliest message
// kept. The channel carries up to Options.InFlight messages that are neither acked nor nacked, never two of the same key
// at the same time, and per key in the order of publishing; messages without a key have no order. Several subscriptions
// of a group share its messages, each group gets all.
//
// Ack means finished: it is made durable in the background, and the next message of the key follows then. Nack means
// again, as Defer says; later messages of the key wait behind it, other keys go on. A message that is neither acked nor
// nacked when the broker ends is given again. The same message may so be given more than once; its id stays.
//
// A message's context ends with the ctx of Subscribe, with Close, and when the message was taken away by others (a
// rebalance). Its handler must then end: a later Ack or Nack is passed over and the message goes to somebody else.
// The channel is closed when ctx ends or the subscriber is closed. Whoever made the subscriber closes it; the broker's
// Close closes all its subscribers. Close waits until acks given before it are durable.
type Subscriber interface {
	Subscribe(ctx context.Context, topic string) (<-chan *Envelope, error)
	Close() error
}

// Broker is where topics are kept. It may be used concurrently. Whoever opened it closes it.
type Broker interface {
	Publisher
	// Subscriber makes a subscriber of the group. Nothing is created or connected before its Subscribe.
	Subscriber(group string, o Options) (Subscriber, error)
	// Health returns nil while the broker can accept and deliver, and otherwise what is wrong and what to do. It does not wait.
	Health() error
}

// Options are those of one subscriber.
type Options struct {
	// InFlight is how many messages may be given out and not yet acked or nacked; 64 if 0. It bounds what a crash delivers
	// twice.
	InFlight int
	// Also are names under which the group read its topics before the project said that they are one. A broker that keeps the
	// groups by itself joins them when the group subscribes: what one of them has finished is finished, and what one had
	// begun goes on. It waits for those who are still subscribed under them. One that is a Keeper has Reader.Also.
	Also []string
	// Serial says that one message at a time is wanted, in the order of publishing, the next once the one before is finished: a broker that
	// keeps order by key does so for messages of one key and passes this over, any other does so for all of the group.
	Serial bool
	// Direct says that whoever receives the messages reads them by Received and ends each by Ack or Nack of this package
	// alone, as a Consumer does. The envelopes then carry neither metadata nor payload, and nobody watches their own Acked
	// and Nacked: each message costs less.
	Direct bool
}

// Backlog is a broker that can tell whether work waits; a Worker asks it.
type Backlog interface {
	// Ready reports whether a message of the topic waits for the group that this process should give out now: one that
	// waits neither for its time, nor behind another of its key, nor for room, nor for another process. It asks where the
	// messages are kept, which may take seconds; an error means that nobody can tell.
	Ready(ctx context.Context, topic, group string) (bool, error)
}

// Counter is a broker that can count; the conservation of messages is asked of it.
type Counter interface {
	// Counts returns for each topic and group how many messages were accepted, are finished, and wait.
	Counts(ctx context.Context) ([]Count, error)
}

// Count is one group's account on one topic: Accepted = Finished + Waiting. A topic without groups has one Count with
// Group "".
type Count struct {
	Topic, Group string
	Accepted     int64     // messages meant for the group since it was created
	Finished     int64     // messages acked by it; dead letters are among them
	Waiting      int64     // messages not yet finished, in flight ones among them
	Oldest       time.Time // when the oldest waiting message was accepted; zero if none waits
}
