// Package all lists the protocols that Fondaco speaks.
package all

import (
	"fondaco/connectors"
	"fondaco/connectors/database"
	"fondaco/connectors/files"
	"fondaco/connectors/mail"
	"fondaco/connectors/queue"
	"fondaco/connectors/rest"
	"fondaco/connectors/soap"
)

// Protocols are all of them. To add one, add its folder and its line.
var Protocols = connectors.Registry{
	rest.Protocol,
	soap.Protocol,
	database.Protocol,
	files.Protocol,
	queue.Protocol,
	mail.Protocol,
}
