package sqlite

import (
	"sync"

	"fondaco/store/record"
)

// known holds, without what they answered, the rows of the operations that were written last: an accepted request is soon
// worked on, and its state is asked for and moved several times meanwhile, which then reads nothing. It holds what is
// committed and nothing else. Safe for concurrent use; the writer's goroutine alone changes it.
type known struct {
	mu         sync.RWMutex
	fresh, old map[string]record.Operation
}

// knownRows is how many rows fresh takes before it becomes old.
const knownRows = 8192

func (k *known) row(id string) (record.Operation, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	r, is := k.fresh[id]
	if !is {
		r, is = k.old[id]
	}
	return r, is
}

// entered takes up the rows that a transaction has written, now that it is durable.
func (k *known) entered(x *tx) {
	if x.unknown {
		k.forget()
	}
	if len(x.operations) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.fresh)+len(x.operations) > knownRows {
		k.fresh, k.old = nil, k.fresh
	}
	if k.fresh == nil {
		k.fresh = make(map[string]record.Operation, len(x.operations))
	}
	for id, r := range x.operations {
		k.fresh[id] = r
	}
}

// forget lets go of all: the file may hold something else.
func (k *known) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fresh, k.old = nil, nil
}

// wrote notes the row of an operation as the transaction leaves it.
func (x *tx) wrote(r record.Operation) {
	if x.operations == nil {
		x.operations = map[string]record.Operation{}
	}
	r.Header, r.Body, r.Sum = nil, nil, r.Seal()
	x.operations[r.ID] = r
}

// forgetOperations is called by what changes rows of operations without noting how.
func (x *tx) forgetOperations() { x.operations, x.unknown = nil, true }

// operation returns the row of an operation as the transaction has it so far, without header and body; false if there is
// none.
func (x *tx) operation(id string) (r record.Operation, found bool, err error) {
	if r, found = x.operations[id]; found {
		return r, true, nil
	}
	if !x.unknown {
		if r, found = x.s.known.row(id); found {
			return r, true, nil
		}
	}
	found, err = x.row("select "+operationColumns+" from operation where id = ?", []any{id}, r.Fields()...)
	if err == nil && found && r.Sum != r.Seal() {
		err = refuse(record.Damaged("operation", r.Seq))
	}
	return r, found, err
}
