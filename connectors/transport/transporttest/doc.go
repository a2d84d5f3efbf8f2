// Package transporttest is what protocols of HTTP keep beside the contract of all protocols (connectors/connectortest): what they
// make of answers that are wrong, of statuses, and of servers that hang.
package transporttest
