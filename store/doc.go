// Package store is what Fondaco remembers beside its topics: finished message ids, the answers under idempotency keys,
// accepted operations, dead letters, owners of schedules, counts of each route, messages being collected, rising numbers; and, apart
// from those, hints that may be lost at any moment: caches and rate limits.
//
// Each interface is small and speaks plain Go types. What implements them lies in folders of its own; storetest is the
// contract that every one passes.
//
// Five rules hold for all methods of a Store, unless a method says otherwise:
//
//   - A write that returns nil is durable: it survives the end of the process and of the machine.
//   - A write that returns an error may have taken effect or not, as when a disk fails in the midst of it; it can be
//     repeated, for every write done twice counts once. Words like ErrFenced tell that it had no effect.
//   - Reading a record that is not as it was written returns ErrDamaged, never the record; a list leaves it out and returns the
//     others beside the error.
//   - Methods may be called concurrently.
//   - Times are kept in UTC to the microsecond; the zero time is kept as it is. "now" comes from the caller, who takes
//     it from a clock that does not jump (the start of the process plus what has passed since).
package store
