// Package amqp speaks AMQP 0.9.1, as RabbitMQ does, and is the home of its library.
package amqp
