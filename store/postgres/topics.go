package postgres

import (
	"context"
	"strings"
)

// TopicsShared says in Options that the messages are on a cluster, which all processes of the state read.
const TopicsShared = "shared"

// TopicsIn returns what says in Options that the messages are in a file of one process. The id is the file's, and where says in
// messages which one it is.
func TopicsIn(id, where string) string { return id + " " + where }

// claim refuses a state whose messages are elsewhere than this process has them: each would work on operations whose requests it does
// not have. The first process says where they are.
func (s *Store) claim(ctx context.Context) error {
	if s.topics == "" {
		return nil
	}
	is := statements{ctx, s.pool}
	if _, err := is.exec("update meta set value = ? where name = 'topics' and value = ''", s.topics); err != nil {
		return err
	}
	kept := ""
	if _, err := is.row("select value from meta where name = 'topics'", nil, &kept); err != nil {
		return err
	}
	id, where, embedded := strings.Cut(kept, " ")
	switch mine, _, _ := strings.Cut(s.topics, " "); {
	case id == mine:
		return nil
	case !embedded:
		return unfit("the topics of this state are on Kafka, and this process has topics: embedded; write topics: kafka://host:port, " +
			"as its other processes do")
	}
	return unfit("the topics of this state are embedded, in " + where +
		", which one process alone can read; write topics: kafka://host:port " +
		"for all, and once that file holds nothing that is wanted any more: fondaco migrate --topics-moved")
}
