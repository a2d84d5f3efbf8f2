package store

import (
	"context"
	"time"
)

// Restored says that the state is that of a backup, and how far it may be relied on: what was done between the moment of the
// backup and the restore is not in it.
type Restored struct {
	ID     string    `json:"id"`     // of this restore, among all
	Moment time.Time `json:"moment"` // of the backup
	At     time.Time `json:"at"`     // when it was restored
	// Held says that what may not be done twice waits for an operator: schedules, and work with calls whose effect is once.
	Held bool `json:"held"`
	// Doubtful says that such calls of work that was there before At may have been made already, by the process whose state was
	// lost.
	Doubtful bool `json:"doubtful"`
	// Who released it, when and why; empty before.
	By       string    `json:"by,omitempty"`
	Why      string    `json:"why,omitempty"`
	Released time.Time `json:"released,omitzero"`
	// Places are where the groups of Kafka stood at the moment of the backup; nil where topics are embedded.
	Places []GroupPlace `json:"places,omitempty"`
}

// GroupPlace is where a group stands on a partition of a topic.
type GroupPlace struct {
	Topic     string `json:"topic"`
	Group     string `json:"group"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"` // of the first record that is not finished
}

// Restores knows whether the state was restored. Its methods may be called concurrently.
type Restores interface {
	// Latest returns the latest restore of the state; ErrAbsent if it was never restored.
	Latest(ctx context.Context) (Restored, error)
	// Release ends the hold, durably before it returns what then holds. notDone says that no work was done between the moment
	// of the backup and the restore, so that no call is in doubt. ErrAbsent if the state was never restored. It may be called
	// again, to say notDone later.
	Release(ctx context.Context, by, why string, notDone bool, now time.Time) (Restored, error)
}
