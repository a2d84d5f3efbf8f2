// Package queuetest starts real brokers for tests: Mosquitto and RabbitMQ.
package queuetest
