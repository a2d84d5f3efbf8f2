// Package traces keeps what exchanges did: which request or message, on which route, when, for how long, with which outcome, and which
// calls and events were made of it. It is one file of SQLite of one process, apart from the state, and a ring: the oldest go when it is
// larger or older than it may be.
//
// Nothing of a message is kept: no body, header, path, key or text of a fault. What others chose as an id is kept as its keyed hash
// (Store.Find hashes what is looked for), what this program made up at random as it is.
//
// It never holds up the traffic: what the writer cannot take is dropped and counted.
package traces
