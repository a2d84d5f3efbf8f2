package routestest

import (
	"fondaco/config"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// user makes the caller: by default somebody who may call the route. What a test sets to null the token does not say.
func user(n *config.Node, a routes.Auth) schema.Value {
	var made []schema.Value
	for _, f := range trigger.UserType.Fields {
		v := n.Get(f.Name)
		switch {
		case v == nil:
			made = append(made, madeUp(f.Name, a))
		case v.Kind == config.NodeNull:
			made = append(made, schema.Value{})
		case f.Name == "level":
			level, _ := v.Int()
			made = append(made, schema.Int(level))
		case f.Name == "roles":
			var roles []schema.Value
			for _, item := range v.Items {
				roles = append(roles, schema.Text(item.Text.Value))
			}
			made = append(made, schema.List(roles))
		default:
			made = append(made, schema.Text(v.Text.Value))
		}
	}
	return trigger.WithoutBlanks(schema.RecordOf(trigger.UserType, made...))
}

// madeUp returns a field of a person who does not exist.
func madeUp(field string, a routes.Auth) schema.Value {
	switch field {
	case "subject":
		return schema.Text("test")
	case "fiscal_code":
		return schema.Text("RSSMRA80A01L736U")
	case "level":
		return schema.Int(int64(max(a.Level, 1)))
	case "channel":
		return schema.Text("web")
	}
	var roles []schema.Value
	for _, r := range a.Roles {
		roles = append(roles, schema.Text(r))
	}
	return schema.List(roles)
}
