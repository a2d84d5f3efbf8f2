package engine

import (
	"errors"
	"fmt"
	"io/fs"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/engine/kept"
	"fondaco/engine/storage"
	"fondaco/routes"
)

// Start is a project as a process begins to serve it: made of its files, or of a kept release that is served instead of them.
type Start struct {
	Typed   *routes.Typed
	Reading *config.Reading // what Typed was made of

	kept *kept.Folder // nil where no place for it is known
	back *rolled      // nil if the files are served
	over error        // why a rollback that was in force before is over; nil if there was none, or it goes on
}

// rolled is a rollback that is in force.
type rolled struct {
	kept.Mark
	files *config.Reading // of the files that it is served instead of, as they were looked at last
}

// Start reads a project to serve it. A rollback that was in force when the process before ended goes on if the files are those that it
// replaced, also where they have problems. Otherwise problems are printed, and the error is ErrReported.
func (p *Folder) Start(w *World) (*Start, error) {
	var out diag.List
	t, reading := p.read(&out)
	s := &Start{Typed: t, Reading: reading}
	if t != nil {
		if dir, err := storage.ReleasesFolder(p.Storing(t)); err == nil {
			s.kept = kept.In(dir)
			s.resume(p)
		}
	}
	if s.over != nil {
		fmt.Fprintf(w.Stderr, "The rollback is over, and the project's files are served: %v\n", s.over)
	}
	if s.back != nil {
		return s, nil
	}
	return s, p.must(w, t, &out)
}

// resume goes on with a rollback, if one is noted and can go on; over is why it cannot.
func (s *Start) resume(p *Folder) {
	mark, err := s.kept.Mark()
	if err == nil && mark.Hash == "" {
		return
	}
	if err == nil && mark.Replaces != digestOf(s.Reading) {
		err = errors.New("they have changed while it was not running")
	}
	var t *routes.Typed
	var reading *config.Reading
	if err == nil {
		t, reading, err = p.readKept(s.kept, mark.Hash)
	}
	if err != nil {
		s.over = errors.Join(err, s.kept.Unmark())
		return
	}
	s.Reading.AlsoSecrets(reading)
	s.back = &rolled{mark, s.Reading}
	s.Typed, s.Reading = t, reading
}

// readKept reads and checks a kept release as if it were the project's folder, with the environment and the secrets of now. A problem in it
// is an error with all problems.
func (p *Folder) readKept(from *kept.Folder, hash string) (*routes.Typed, *config.Reading, error) {
	files, err := from.Read(hash)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the release %s is not kept any more", hash)
	}
	if err != nil {
		return nil, nil, err
	}
	var out diag.List
	source := p.Source
	source.FS = files
	source, reading := source.Record()
	m := routes.Load(source, all.Protocols, &out)
	var t *routes.Typed
	if m != nil {
		t = routes.Check(m, &out)
		secretProblems(m.Source, &out)
	}
	if t == nil || out.Failed() {
		return nil, nil, fmt.Errorf("the kept release %s cannot be served any more: %w", hash, allOf(&out))
	}
	return t, reading, nil
}

// allOf returns the problems as one error, the first ones if there are many.
func allOf(out *diag.List) error {
	list := out.Sorted()
	if len(list) == 0 {
		return firstOf(out)
	}
	var found []error
	for _, p := range list[:min(len(list), maxNamed)] {
		found = append(found, fmt.Errorf("%s: %s %s", p.Pos, p.Code, p.Message))
	}
	return errors.Join(found...)
}
