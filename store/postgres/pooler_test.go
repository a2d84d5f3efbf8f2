package postgres

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fondaco/store"
	"fondaco/store/postgres/postgrestest"
	"fondaco/store/storetest"
)

// pooledRoles are roles that a pooler lets in, one for each schema: behind a pooler the role says which that is.
const pooledRoles = 50

// TestBehindPooler: what requests need of a state, through a pooler in transaction mode; nobody is woken there, and what a role lacks is told
// with what to say.
func TestBehindPooler(t *testing.T) {
	server := postgrestest.New(t)
	var roles []string
	for i := range pooledRoles {
		roles = append(roles, fmt.Sprintf("pooled%d", i))
	}
	port := server.Pooler(t, roles...)
	next := 0
	// behind is a schema, and the address of a role for it through the pooler.
	behind := func(t *testing.T) (p *place, role, schema string) {
		p = newPlace(t, server)
		role = roles[next]
		next++
		p.say("create role " + role + " login")
		if _, err := Migrate(t.Context(), p.owner, Migration{Project: "venezia", Role: role}); err != nil {
			t.Fatal(err)
		}
		p.address = strings.Replace(strings.Replace(p.address, "fondaco@", role+"@", 1), ":"+server.Port+"/", ":"+port+"/", 1)
		return p, role, pgx.Identifier{p.schema}.Sanitize()
	}
	settle := func(p *place, role, schema string) {
		p.say(fmt.Sprintf("alter role %s in database postgres set search_path = %s", role, schema))
		for _, s := range sessionSettings {
			p.say(fmt.Sprintf("alter role %s in database postgres set %s = '%s'", role, s.name, s.value))
		}
	}
	t.Run("refused", func(t *testing.T) {
		p, role, schema := behind(t)
		refused := func(address, want string) {
			t.Helper()
			s, err := Open(t.Context(), address, p.options())
			if err == nil {
				_ = s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, expected %q", err, want)
			}
		}
		refused(p.address, "say pooler=transaction in the address")
		refused(p.address+"&pooler=session", `pooler="session", expected pooler=transaction`)
		refused(p.address+"&pooler=transaction", "say alter role "+`"`+role+`" in database "postgres" set search_path = `+schema)
		if _, err := Migrate(t.Context(), p.owner+"&pooler=transaction", Migration{Project: "venezia"}); err == nil ||
			!strings.Contains(err.Error(), "migrate connects to the database itself") {
			t.Error(err)
		}
	})
	storetest.Main(t, func(t *testing.T) storetest.Place {
		p, role, schema := behind(t)
		settle(p, role, schema)
		p.address += "&pooler=transaction"
		return storetest.Place{Open: func(l store.Limits) store.Store {
			s := p.openWith(Options{Project: "venezia", Limits: l}, callersTime())
			if woken, _ := s.Wake(store.AllNews); woken != nil {
				t.Error("who waits relies on being woken")
			}
			return s
		}}
	})
}
