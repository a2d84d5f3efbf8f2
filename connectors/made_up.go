package connectors

import (
	"fondaco/config"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// MadeUp stands for every secret of a simulated system, and for what the environment does not say.
const MadeUp = "simulated"

// madeUpOutside is outside for a simulated system: it knows every name, and reads no secret.
func (s *System) madeUpOutside(space, name string) (value string, secret, ok bool) {
	if space == "env" && s.lookup != nil {
		if value, secret, ok = s.lookup(space, name); ok {
			return value, secret, true
		}
	}
	return MadeUp, space == "secret", true
}

// madeUpParam returns the value of a parameter of a simulated system: what the project says as far as it is not secret,
// and something of the parameter's type where that cannot be had.
func (s *System) madeUpParam(p *Param, ref config.Ref, given bool) (value string, secret bool, err error) {
	switch {
	case p.Secret:
		return madeUp(p.Type), true, nil
	case !given:
		return p.Default, false, nil
	}
	value, secret, err = ref.Resolve(s.madeUpOutside)
	if err == nil && !fitsParam(value, p.Type) {
		value = madeUp(p.Type)
	}
	return value, secret, err
}

// madeUp returns a text that a parameter of a type can have.
func madeUp(t *schema.Type) string {
	if fitsParam(MadeUp, t) {
		return MadeUp
	}
	v, err := schema.Sample(t, schema.Every)
	if err != nil {
		return MadeUp
	}
	if v.HasText() {
		return v.Str()
	}
	return string(codec.AppendJSON(nil, v))
}

// fitsParam reports whether a text is a value of a parameter's type.
func fitsParam(text string, t *schema.Type) bool {
	if t == nil {
		return true
	}
	v, err := schema.ParseText(text, t)
	return err == nil && schema.Check(v, t) == nil
}
