// Package asyncapi writes a project's topics as an AsyncAPI 3.0.0 document: which events there are, what they hold, and
// which routes publish and read them. It knows no routes: they hand it plain Channels and Operations.
package asyncapi

import (
	"fondaco/openapi"
	"fondaco/schema"
)

// Version is the version of AsyncAPI that Write writes.
const Version = "3.0.0"

// Document is what is known of a project's topics.
type Document struct {
	Info       openapi.Info // Servers and Schemes are the API's, and left out here
	Brokers    []Broker     // where the topics are; none where they are in the engine's own file
	Channels   []Channel    // in the order in which they are written
	Operations []Operation  // likewise
}

// Broker is an Apache Kafka node at which clients begin.
type Broker struct {
	Host     string // host:port; never a user or a password
	Password bool   // clients say who they are by SASL PLAIN
}

// Channel is a topic.
type Channel struct {
	Topic string // its name, of a-z, A-Z, 0-9, ".", "_" and "-"
	Title string
	Event string       // the CloudEvents type of its messages
	Data  *schema.Type // of the messages' data; nil is any
	Plain bool         // its records are the data as JSON, and no CloudEvents
}

// Action says on which side of a topic a route stands.
type Action string

// The actions, in AsyncAPI's words.
const (
	Send    Action = "send"    // the route publishes
	Receive Action = "receive" // a message starts the route
)

// Operation is what one route does on one topic.
type Operation struct {
	Route       string // its name
	Action      Action
	Topic       string // of one of the Channels
	Summary     string // one line
	Description string // CommonMark
	Tag         string // the group it is shown in; "" is none
	Deprecated  bool   // shown as x-deprecated: AsyncAPI has no word for it
	Source      string // of Send: the CloudEvents source of what it publishes
	Group       string // of Receive: its consumer group
}
