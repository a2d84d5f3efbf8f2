// Package embedded keeps topics durably on one machine, in one SQLite file: write-ahead log, synchronous=FULL, so that
// what was accepted survives kill -9 and power loss. One goroutine writes; publishes and acks that wait for it go into
// one transaction, so that many share one fsync. Consumers are woken in the process, nothing polls.
//
// The file is one process's alone (a lock beside it), one project's, and of this or an older version of its format;
// another is refused without a write. Its folder should be readable by the service alone: bodies lie in it as published.
package embedded
