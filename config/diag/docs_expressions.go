package diag

import "strings"

func expressionDocs() []Doc {
	return []Doc{
		{
			BadExpression, "the text is not an expression",
			"What stands between ${ and }, or after when, $if and in, is not an expression: an operator without its value, a bracket that is " +
				"not closed.",
			routesFileName, answer("stato: ${pratica.stato +}"), answer("stato: ${pratica.stato}"),
		},
		{
			UnknownName, "a name that is not in scope",
			"No step before this one made the name, and it is none of path, query, header, cookie, body and user.",
			routesFileName, answer("stato: ${practica.stato}"), answer("stato: ${pratica.stato}"),
		},
		{
			UnknownMember, "a field that the value does not have",
			"The type of the value is known, and it has no such field.",
			routesFileName, answer("stato: ${pratica.statto}"), answer("stato: ${pratica.stato}"),
		},
		{
			TypeMismatch, "types that do not go together",
			"An operator, a function or a condition is given a value of a type that it cannot take.",
			routesFileName, answer("stato: ${pratica.stato * 2}"), answer("stato: ${upper(pratica.stato)}"),
		},
		{
			MaybeNil, "a value that may be missing is used as if it were there",
			"The value is optional. Say what holds without it: ?? names another value, ?. goes on only if it is there, $if leaves the field out.",
			routesFileName, answer("doppio: ${pratica.importo * 2}"), answer("doppio: ${(pratica.importo ?? 0) * 2}"),
		},
		{
			UnknownFunction, "a function that does not exist",
			"The name before the bracket is not a function.",
			routesFileName, answer("stato: ${uper(pratica.stato)}"), answer("stato: ${upper(pratica.stato)}"),
		},
		{
			TooCostly, "an expression too large or too deep",
			"The expression has more parts or levels than are allowed. Make parts of it with set.",
			routesFileName, answer("stato: ${" + strings.Repeat("not ", 100) + "true}"), answer("stato: ${pratica.stato}"),
		},
		{
			SecretLeak, "a secret would leave",
			"A value marked secret would reach an answer, a log or a message. Secrets go into a connector's parameters and nowhere else.",
			routesFileName, answer("chiave: ${secret.sportello}"), answer("stato: ${pratica.stato}"),
		},
	}
}
