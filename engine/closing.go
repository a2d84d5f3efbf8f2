package engine

import "time"

// CloseLog writes what is left of the log, for a second at most.
func CloseLog(q *LogQueue) {
	late := make(chan struct{})
	timer := time.AfterFunc(time.Second, func() { close(late) })
	defer timer.Stop()
	q.Close(late)
}
