package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/messaging/embedded"
	"fondaco/store/record"
)

// CopyRequest says from where a state is copied and to where: the text that stands in storage.state for it, with references as there,
// "" for the one that does stand there.
type CopyRequest struct {
	From, To    string
	Owner       string // the address of the role that owns the schema of the state on PostgreSQL; "" for the state's own
	TopicsMoved bool   // nothing is wanted of the topics that were used with the first state
	Now         time.Time
}

// CopiedKind is a kind of rows of which both states hold the same.
type CopiedKind struct {
	Name  string
	Rows  int64
	Wrote int64  // now; the others were there from a copy that was cut short
	Hash  string // over all rows
}

// StateCopy is what was copied.
type StateCopy struct {
	From, To string // without passwords
	Rows     int64
}

// copied is a state that is opened for a copy.
type copied interface {
	record.Copyable
	Close() error
}

// copySide is one of the two states.
type copySide struct {
	copied
	at     statePlace
	place  string
	groups groups
}

// CopyState copies the state of a project from one place into another, which holds nothing, and reports each kind of rows that is the
// same in both. One that was cut short goes on where it was. It refuses while a process has one of them open, and where messages wait
// on embedded topics that are not beside the second state.
func CopyState(ctx context.Context, of Project, r CopyRequest, tell func(CopiedKind)) (did StateCopy, err error) {
	places, err := r.places(of)
	if err != nil {
		return did, err
	}
	sides := [2]copySide{}
	for i := range sides {
		owner := ""
		if i == 1 || places[1].kind.schemes == nil { // of two databases that which is written
			owner = r.Owner
		}
		if sides[i], err = open(ctx, of, places[i], owner, i == 1); err != nil {
			return did, err
		}
		defer func() {
			sides[i].groups.close()
			err = errors.Join(err, sides[i].Close())
		}()
		err = sides[i].Alone(ctx)
		if err == nil && i == 0 { // before the second is made
			if err = r.checkTopics(ctx, of, places); err == nil {
				err = sides[i].whole(ctx)
			}
		}
		if err != nil {
			return did, fmt.Errorf("%w; nothing was changed", err)
		}
	}
	from, to := sides[0], sides[1]
	did = StateCopy{From: from.place, To: to.place}
	if err := begin(ctx, from, to, r.Now); err != nil {
		return did, err
	}
	again := func(err error) error {
		return fmt.Errorf("%w; %s cannot be used until the copy is whole: say the same again, which goes on from there", err, to.place)
	}
	if err := record.Copy(ctx, from, to, func(k *record.Kind, sum record.KindSum, wrote int64) {
		did.Rows += sum.Rows
		tell(CopiedKind{Name: k.Name, Rows: sum.Rows, Wrote: wrote, Hash: sum.Hash()})
	}); err != nil {
		return did, again(err)
	}
	n, err := copyGroups(ctx, from.groups, to.groups)
	if err != nil {
		return did, again(fmt.Errorf("places of groups: %w", err))
	}
	tell(CopiedKind{Name: "places of groups on Kafka", Rows: n, Wrote: n})
	for _, s := range sides {
		if err := s.Alone(ctx); err != nil { // it began meanwhile
			return did, again(err)
		}
	}
	c, err := to.Copied(ctx)
	if err == nil {
		c.Ended = r.Now
		err = to.SetCopied(ctx, c)
	}
	if err != nil {
		return did, again(err)
	}
	return did, nil
}

// whole refuses to copy what is half of a copy.
func (s *copySide) whole(ctx context.Context) error {
	c, err := s.Copied(ctx)
	if err == nil {
		err = c.Unfinished()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.place, err)
	}
	return nil
}

// begin refuses a place that holds something else, and has the others wait.
func begin(ctx context.Context, from, to copySide, now time.Time) error {
	before, err := to.Copied(ctx)
	if err != nil {
		return err
	}
	if before.Unfinished() == nil {
		held, err := record.Holds(ctx, to)
		if err != nil {
			return err
		}
		if len(held) > 0 {
			was := ""
			if !before.Ended.IsZero() {
				was = fmt.Sprintf(" (a copy of %s ended there at %s)", before.From, before.Ended.UTC().Format(time.RFC3339))
			}
			return fmt.Errorf("%s holds a state%s: %s; expected an empty one: %s; nothing was changed", to.place, was, strings.Join(held, ", "),
				to.at.kind.empty)
		}
	}
	return to.SetCopied(ctx, record.Copied{From: from.place, Began: now})
}

// places returns where the two states are.
func (r *CopyRequest) places(of Project) (places [2]statePlace, err error) {
	for i, side := range []struct{ flag, text string }{{"--from", r.From}, {"--to", r.To}} {
		if places[i], err = placeAt(of, side.flag, side.text, false); err != nil && r.Owner != "" { // its password need not be known
			places[i], err = placeAt(of, side.flag, side.text, true)
		}
		if err != nil {
			return places, err
		}
	}
	if places[0].text == places[1].text {
		return places, errors.New("--from and --to are the same state; expected another than storage.state for one of them")
	}
	return places, nil
}

// placeAt returns the place of the text of a flag, as placeOf does of storage.state. owner reports that nobody connects with its password.
func placeAt(of Project, flag, text string, owner bool) (statePlace, error) {
	if text != "" {
		p := *of.Typed.Model.Project
		var problems diag.List
		p.Storage.State = config.ParseRefs(config.Text{Value: text}, []string{"env", "secret"}, &problems)
		if found := problems.Sorted(); len(found) > 0 {
			return statePlace{}, fmt.Errorf("%s: %s", flag, found[0].Message)
		}
		model, typed := *of.Typed.Model, *of.Typed
		model.Project, typed.Model = &p, &model
		of.Typed = &typed
	}
	if owner {
		of.Source = withoutPassword(of)
	}
	at, err := placeOf(of)
	if err != nil && text != "" {
		err = fmt.Errorf("%s: %w", flag, errors.Unwrap(err))
	}
	return at, err
}

// open opens one of the states.
func open(ctx context.Context, of Project, at statePlace, owner string, target bool) (s copySide, err error) {
	p := of.Typed.Model.Project
	keys, err := EncryptionKeys(p, of.Source.Lookup)
	if err != nil {
		return s, err
	}
	if !target && at.kind.schemes == nil {
		if _, err := os.Stat(at.file); errors.Is(err, fs.ErrNotExist) {
			return s, fmt.Errorf("--from: %s is not there, expected the file of a state", at.file)
		}
	}
	s, err = at.kind.copying(ctx, at, owner, opening{project: p.Name.Value, keys: keys})
	if err != nil {
		return s, fmt.Errorf("%w; nothing was changed", err)
	}
	s.at = at
	return s, nil
}

// checkTopics refuses a copy after which messages wait where nobody reads them.
func (r *CopyRequest) checkTopics(ctx context.Context, of Project, places [2]statePlace) error {
	topics, err := of.Typed.Model.Project.Storage.TopicsAddress(of.Source.Lookup)
	if err != nil {
		return fmt.Errorf("storage.topics: %w", err)
	}
	before, after := TopicsFile(places[0].file), TopicsFile(places[1].file)
	if r.TopicsMoved || topics == "" && before == after {
		return nil
	}
	if _, err := os.Stat(before); err != nil {
		return nil //nolint:nilerr // nothing was kept there
	}
	counts, err := embedded.CountsAt(ctx, before)
	if err != nil {
		return fmt.Errorf("topics %s: %w", before, err)
	}
	var list []string
	waiting := int64(0)
	for _, c := range counts {
		if c.Waiting > 0 {
			waiting += c.Waiting
			list = append(list, fmt.Sprintf("%s: %d", c.Topic, c.Waiting))
		}
	}
	if waiting == 0 {
		return nil
	}
	where := "storage.topics is " + topicKindOf(topics).name
	if topics == "" {
		where = "the topics beside the other state are in " + filepath.Base(after)
	}
	return fmt.Errorf("messages wait in %s (%d: %s), and %s, where nobody would read them: run the project as it was until nothing waits "+
		"(fondaco topics), or say --topics-moved if they are not wanted", before, waiting, strings.Join(list, ", "), where)
}

// copyGroups remembers which groups had a place, and returns how many those are.
func copyGroups(ctx context.Context, from, to groups) (n int64, err error) {
	list, err := from.list(ctx)
	if err != nil {
		return 0, err
	}
	for topic, names := range list {
		for _, name := range names {
			if err := to.See(topic, name); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}
