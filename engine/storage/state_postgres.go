package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"fondaco/config"
	"fondaco/store"
	"fondaco/store/postgres"
)

// postgresState is the state in a schema of PostgreSQL, which the processes of a project share.
var postgresState = stateKind{
	title: "PostgreSQL", schemes: []string{"postgres", "postgresql"}, shared: true,
	within: filesWithin,
	check:  func(_, text, project string) error { return postgres.CheckAddress(text, project) },
	open: func(ctx context.Context, at statePlace, o opening) (store.Store, error) {
		return postgres.Open(ctx, at.text, postgres.Options{Project: o.project, Keys: o.keys, Topics: o.topics, Away: o.away})
	},
	copying: databaseForCopy,
	empty:   "name another schema in the address, as ?schema=NAME, and make it with fondaco migrate",
	groups:  func(s store.Store) groups { return groupsOn(s.(*postgres.Store).Groups()) },
}

func groupsOn(kept keptGroups) groups {
	ctx, end := context.WithCancel(context.Background())
	return &sharedGroups{kept: kept, ctx: ctx, end: end}
}

// databaseForCopy opens a schema for a copy.
func databaseForCopy(ctx context.Context, at statePlace, owner string, o opening) (s copySide, err error) {
	address := at.text
	if owner != "" {
		if address, err = postgres.InSchemaOf(owner, at.text, o.project); err != nil {
			return s, fmt.Errorf("--owner: %w", err)
		}
	}
	c, err := postgres.OpenForCopy(ctx, address, postgres.Options{Project: o.project, Keys: o.keys})
	if err != nil {
		return s, err
	}
	return copySide{copied: c, place: c.Place(), groups: groupsOn(c.Groups())}, nil
}

// filesWithin has the files that an address names, of certificates and keys, be those of the project in the folder dir.
func filesWithin(dir, text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	query, changed := u.Query(), false
	for _, name := range []string{"sslrootcert", "sslcert", "sslkey", "passfile"} {
		if file := query.Get(name); file != "" && file != "system" && !filepath.IsAbs(file) {
			query.Set(name, filepath.Join(dir, file))
			changed = true
		}
	}
	if !changed {
		return text
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// topicsIn says where the messages are of which a state that processes share has the operations: on a cluster, or in a file of one
// process, which is known by an id beside it.
func topicsIn(of Project, at statePlace) (string, error) {
	topics, err := of.Typed.Model.Project.Storage.TopicsAddress(of.Source.Lookup)
	switch {
	case err != nil:
		return "", fmt.Errorf("storage.topics: %w", err)
	case !at.kind.shared:
		return "", nil
	case topics != "":
		return postgres.TopicsShared, nil
	}
	file := TopicsFile(at.file)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", fmt.Errorf("storage.topics: %w", err)
	}
	beside := strings.TrimSuffix(file, filepath.Ext(file)) + ".id"
	id, err := os.ReadFile(beside)
	if errors.Is(err, fs.ErrNotExist) {
		id = []byte(rand.Text())
		err = replaceFile(beside, id)
	}
	if err != nil {
		return "", fmt.Errorf("storage.topics: %w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "a host without a name"
	}
	return postgres.TopicsIn(strings.TrimSpace(string(id)), file+" of "+host), nil
}

// Migration is what is made of the schema of a state.
type Migration struct {
	From, To int // formats; 0 for a schema that was not there
	Schema   string
	Role     string // that has the rights of a server; "" for the owner's
}

// Migrate makes the schema of a project's state on PostgreSQL, or brings it to the present format, with an owner's address, "" for
// the project's own. The role of the project's address is given the rights that it needs; its password need not be known then.
func Migrate(ctx context.Context, of Project, owner string, topicsMoved bool) (Migration, error) {
	if owner != "" {
		of.Source = withoutPassword(of)
	}
	at, err := placeOf(of)
	if err != nil {
		return Migration{}, err
	}
	if at.kind != &postgresState {
		return Migration{}, fmt.Errorf("storage.state is the file %s, which the start brings to the present format: there is "+
			"nothing to migrate; "+
			"a state on PostgreSQL is said as postgres://role@host:port/database", filepath.Base(at.file))
	}
	project := of.Typed.Model.Project.Name.Value
	role, schema, err := postgres.Names(at.text, project)
	if err != nil {
		return Migration{}, fmt.Errorf("storage.state: %w", err)
	}
	if owner == "" {
		owner, role = at.text, ""
	}
	did, err := postgres.Migrate(ctx, owner, postgres.Migration{Project: project, Schema: schema, Role: role, TopicsMoved: topicsMoved})
	return Migration{From: did.From, To: did.To, Schema: did.Schema, Role: role}, err
}

// withoutPassword is the source of a project in which a secret that is absent has a value all the same, if it is in nothing of
// storage.state but the password: with an owner's address nobody connects with that.
func withoutPassword(of Project) config.Source {
	source, known := of.Source, of.Source.Secrets
	standIn := rand.Text()
	source.Secrets = func(name string) (config.Secret, bool, error) {
		if known != nil {
			if value, ok, err := known(name); ok || err != nil {
				return value, ok, err
			}
		}
		return config.NewSecret(standIn), true, nil
	}
	text, err := of.Typed.Model.Project.Storage.StateAddress(source.Lookup)
	u, bad := url.Parse(text)
	if err != nil || bad != nil || u.User == nil {
		return of.Source
	}
	u.User = url.User(u.User.Username())
	if strings.Contains(u.String(), standIn) {
		return of.Source
	}
	return source
}
