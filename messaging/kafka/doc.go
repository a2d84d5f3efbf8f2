// Package kafka keeps topics on a Kafka cluster: a messaging.Broker of our own on Sarama's producer and group consumer.
//
// A message's key is the record's key and chooses the partition as Java's clients do (murmur2), its attributes are
// CloudEvents headers in binary mode, its body is the record's value. Each partition is worked on by lanes, one for each
// key: a slow or parked key holds up its own messages and nothing else. What is finished beyond the oldest unfinished
// message, the attempts and the due times are kept in the metadata of the group's committed offset, so that a crash
// delivers again what was in hand and little more.
//
// Order by key holds while the number of a topic's partitions stays the same.
package kafka
