package main

// broker is a Kafka node.
type broker struct{}

func (b *broker) addr() string { return "" }
