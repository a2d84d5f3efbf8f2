package routes

import (
	"slices"

	"fondaco/schema"
)

// ScopeName is a row of the table of names that the language declares: the checker takes from it which names are its own, the reference
// page what they are.
type ScopeName struct {
	Name  string
	By    []string // the triggers that bring it, by their field; "" is a sub-route. None: a step brings it
	Doc   string
	Type  *schema.Type // of all routes that have it; nil if it is what the route, topic or system says
	Shown []ScopeShown

	reserved bool // no step may name something so, whatever the route
}

// ScopeShown is an example: an expression where the name is in scope, and the problem that it has, as CODE message = hint, "" if it has
// none.
type ScopeShown struct{ Text, Problem string }

var (
	byRequest = []string{"http"}
	byWatches = []string{"database", "files", "mail", "queue"}
)

var scopeNames = []ScopeName{
	{
		Name: "path", By: byRequest, reserved: true,
		Doc:   "The parameters of the path, by the types that the route declares; text where it declares none.",
		Shown: []ScopeShown{{Text: `path.id`}, {Text: `path.di`, Problem: `E203 path has no field "di" = did you mean "id"?`}},
	},
	{
		Name: "query", By: byRequest, reserved: true, Doc: "The parameters of the query that the route declares.",
		Shown: []ScopeShown{
			{Text: `query.page ?? 1`},
			{Text: `query.page + 1`, Problem: `E205 query.page may be nil, and is needed for + = give a value for that case: query.page ?? …`},
		},
	},
	{
		Name: "header", By: byRequest, reserved: true, Doc: "The headers that the route declares, by their names as they are declared.",
		Shown: []ScopeShown{
			{Text: `header["X-Office"] ?? ""`},
			{Text: `header.X-Office`, Problem: `E203 header has no field "X" = write header["X-Office"]: - subtracts`},
		},
	},
	{
		Name: "cookie", By: byRequest, reserved: true, Doc: "The cookies that the route declares.",
		Shown: []ScopeShown{
			{Text: `cookie.seen ?? ""`},
			{Text: `cookie.scene`, Problem: `E203 cookie has no field "scene" = did you mean "seen"?`},
		},
	},
	{
		Name: "body", By: []string{"http", "soap"}, reserved: true,
		Doc: "The body, by its schema, with defaults filled in; of a SOAP service what the operation is given.",
		Shown: []ScopeShown{
			{Text: `body.title`},
			{Text: `body`},
			{Text: `body.titel`, Problem: `E203 body has no field "titel" = did you mean "title"?`},
		},
	},
	{
		Name: "user", By: []string{"http", "soap"}, reserved: true,
		Doc: "Who calls, where the route has `auth`: what the token says. A field that the project or the route requires is never nil.",
		Shown: []ScopeShown{
			{Text: `user.fiscal_code`},
			{Text: `user.channel ?? ""`},
			{Text: `user.tax`, Problem: `E203 user has no field "tax" = it has subject, fiscal_code, level, channel and roles`},
		},
	},
	{
		Name: "signer", By: []string{"soap"},
		Doc: "Who signed the message, where the service demands signatures. A step may name something else so.",
	},
	{
		Name: "input", By: []string{""}, reserved: true, Doc: "What a sub-route is given, by its `input`.",
		Shown: []ScopeShown{
			{Text: `input.title`},
			{Text: `inputs.title`, Problem: `E202 nothing here is called "inputs" = did you mean "input"?`},
		},
	},
	{
		Name: "message", By: slices.Concat([]string{"topic"}, byWatches), reserved: true, Type: MessageType(schema.TypeAny),
		Doc: "The event, whose `data` is of the topic's type, or of what is watched.",
		Shown: []ScopeShown{
			{Text: `message.data.number`},
			{Text: `message.number`, Problem: `E203 message has no field "number" = it has id, key, type, source, subject, time, attempt and data`},
		},
	},
	{
		Name: "messages", By: []string{"topic"}, Doc: "With `collect`: the messages of the batch, in the order in which they came.",
		Shown: []ScopeShown{
			{Text: `len(messages)`},
			{
				Text:    `messages.data`,
				Problem: `E203 messages is a list and has no field "data" = for that field of every item write map(messages, .data)`,
			},
		},
	},
	{
		Name: "key", By: []string{"topic"}, Doc: "With `collect`: what `by` is for the batch.",
		Shown: []ScopeShown{{Text: `key`}, {Text: `keys`, Problem: `E202 nothing here is called "keys" = keys is a function: write keys(...)`}},
	},
	{
		Name: "schedule", By: []string{"schedule"}, Type: dueType, Doc: "When the route was due.",
		Shown: []ScopeShown{
			{Text: `date(schedule.time)`},
			{Text: `schedule.at`, Problem: `E203 schedule has no field "at" = it has time and attempt`},
		},
	},
	{
		Name: "fault", reserved: true, Type: faultType(nil),
		Doc: "In the `catch` of a call or `try`: what failed; also its `body`, where the systems describe those of their faults.",
		Shown: []ScopeShown{
			{Text: `fault.kind`},
			{
				Text:    `fault.kind == "missing"`,
				Problem: `E204 it is never "missing", only "unavailable" or "timeout" or "refused" or "invalid" or "not-found" or ...`,
			},
		},
	},
	{
		Name: "missing", reserved: true, Doc: "In `respond`, where a branch of `parallel` is optional: the names of those that are not there.",
		Shown: []ScopeShown{{Text: `missing`}, {Text: `missing.person`, Problem: `E203 missing is a list and has no field "person"`}},
	},
	{
		Name: "project",
		Doc: "The constants of `fondaco.yaml`, in every expression: `constants: { stamp: 16.00 }` is `project.stamp`. A step may name " +
			"something else so.",
		Shown: []ScopeShown{
			{Text: `project.stamp * 2`},
			{Text: `project.offices[query.page == 1 ? "north" : "south"]`},
			{Text: `project.stmp`, Problem: `E203 project has no field "stmp" = did you mean "stamp"?`},
		},
	},
	{
		Name: "env", reserved: true,
		Doc: "A variable of the environment, `${env.NAME}`, in `fondaco.yaml`: it is read when the project is loaded. Routes have none.",
	},
}

// ScopeNames lists the names that the language declares.
func ScopeNames() []ScopeName { return scopeNames }

// reserved are the names that no step may make.
var reserved = namesThat(func(n ScopeName) bool { return n.reserved })

// brought are the names that a route is given by what starts it.
var brought = namesThat(func(n ScopeName) bool { return n.By != nil })

func namesThat(is func(ScopeName) bool) (names []string) {
	for _, n := range scopeNames {
		if is(n) {
			names = append(names, n.Name)
		}
	}
	return names
}
