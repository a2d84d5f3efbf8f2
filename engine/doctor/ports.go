package doctor

import (
	"context"
	"net"

	"fondaco/config"
)

// ports looks whether the addresses that the project listens on can be had.
func ports(ctx context.Context, p *Patient) (found []Finding) {
	s := &p.Typed.Model.Project.Server
	for _, one := range []struct {
		name string
		ref  config.Ref
	}{{"server.listen", s.Listen}, {"server.console", s.Console}, {"server.health", s.Health}} {
		address, _, err := one.ref.Resolve(p.Typed.Model.Source.Lookup)
		f := Finding{Check: "port", Subject: one.name, Status: OK}
		switch {
		case err != nil:
			f.Status, f.Found, f.Do = Fail, "what it names is not set here", "set the variables of the environment as for fondaco run"
		case address == "":
			continue
		default:
			l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
			if err != nil {
				f.Status, f.Found, f.Do = Fail, address+" cannot be had: "+cause(err), "stop what listens there, or say another address; "+
					"if it is this project, which is served now, all is well"
			} else {
				_ = l.Close()
				f.Found = address + " is free"
			}
		}
		found = append(found, f)
	}
	return found
}
