package routes

// What is said in other systems by another word, and what is written here instead. The words come from OpenAPI, Camel's YAML, GitHub
// Actions, Ansible, Bloblang and web frameworks. A word that is near one of ours needs no line here, unless the nearest one is wrong.

// routeHabits are keys of routes.
var routeHabits = map[string]string{
	"parameters": paramsHint, "params": paramsHint, "headers": "write header: { NAME: { type: string } }, or headers: under respond:",
	"requestBody": "write body:, with the schema of the request's body",
	"requestbody": "write body:, with the schema of the request's body",
	"schema":      "write body: for the schema of the request's body; the answer's type follows from respond:",
	"operationId": "leave it out: the route's name is the operation's id", "name": "leave it out: the route's name is the key above it",
	"security": authHint, "authentication": authHint, "authorization": authHint, "cors": "write cors: under server: in fondaco.yaml",
	"method": httpHint, "url": httpHint, "uri": httpHint, "endpoint": httpHint, "trigger": triggerHint, "on": triggerHint,
	"from": triggerHint,
	"get":  httpHint, "post": httpHint, "put": httpHint, "patch": httpHint, "delete": httpHint,
	"kafka": topicHint, "consume": topicHint, "consumes": topicHint, "subscribe": topicHint, "listen": topicHint,
	"return": respondHint, "returns": respondHint, "output": respondHint, "result": respondHint, "answer": respondHint,
	"reply":    respondHint,
	"response": respondHint, "responses": respondHint + "; the document's answers follow from the steps",
	"do": stepsHint, "tasks": stepsHint, "pipeline": stepsHint, "actions": stepsHint, "process": stepsHint, "flow": stepsHint,
	"jobs":        stepsHint,
	"onException": tryHint, "catch": tryHint, "on_error": tryHint, "onError": tryHint, "errors": tryHint,
	"env":  "an environment variable is a parameter of a system: write ${env.NAME} under params: in fondaco.yaml",
	"vars": "write a step set: { NAME: … }", "variables": "write a step set: { NAME: … }",
	"cache":    "write cache: at the call, or at the system in fondaco.yaml",
	"retry":    "write retry: at the call, or at the system in fondaco.yaml",
	"enabled":  "a route cannot be switched off: take it out of the file",
	"disabled": "a route cannot be switched off: take it out of the file",
	"id":       "leave it out: the route's name is the key above it", "if": "a route has no condition: write when: at a step",
	"title": "write summary:",
}

const (
	paramsHint  = "write path:, query:, header: or cookie:, by where they stand: query: { q: { type: string } }"
	authHint    = "write auth: none if it is public, or auth: { scheme: NAME } with a scheme of fondaco.yaml"
	httpHint    = "write http: GET /multe/{numero}, with the method and the path"
	triggerHint = "what starts a route is a key of its own, as http: GET /multe/{numero}, topic: NAME or schedule: { every: 1h }"
	topicHint   = "write topic: NAME, with the topic whose messages start the route"
	respondHint = "write respond: { body: … }"
	stepsHint   = "write steps:, a list of steps"
	tryHint     = "write a step try: [ … ] with catch:, or catch: at a call"
)

// stepHabits are keys in the place of a step's kind.
var stepHabits = map[string]string{
	"to": callHint, "uses": callHint, "run": callHint, "action": callHint, "invoke": callHint, "http": callHint, "get": callHint,
	"post": callHint, "put": callHint, "patch": callHint, "delete": callHint, "request": callHint, "fetch": callHint,
	"connector": callHint,
	"operation": callHint, "system": callHint, "service": callHint, "execute": callHint, "rest": callHint, "soap": callHint,
	"sql":     callHint,
	"setBody": setHint, "setProperty": setHint, "setVariable": setHint, "assign": setHint, "vars": setHint, "let": setHint, "var": setHint,
	"transform": setHint, "map": setHint, "mapping": setHint, "convertBodyTo": setHint, "bloblang": setHint, "jsonata": setHint,
	"setHeader": "write headers: under respond:, or the header as a field of with: at the call",
	"if":        chooseHint, "switch": chooseHint, "case": chooseHint, "choice": chooseHint,
	"filter":  "write when: at the step that is left out, or filter(list, condition) in an expression",
	"foreach": forHint, "forEach": forHint, "for": forHint, "loop": forHint, "split": forHint, "each": forHint, "iterate": forHint,
	"matrix": forHint, "with_items": forHint,
	"while": repeatHint, "until": repeatHint, "do": repeatHint, "poll": repeatHint,
	"multicast": "write parallel: { NAME: { steps: [ … ] } }", "concurrent": "write parallel: { NAME: { steps: [ … ] } }",
	"wireTap": "write publish: TOPIC: a route with that topic does the rest, and cannot fail this one",
	"doTry":   tryStep, "block": tryStep, "rescue": tryStep, "except": tryStep,
	"catch": "it stands beside try:, in one step", "finally": "there is no finally: what follows the step try is done in both cases",
	"throw": failHint, "throwException": failHint, "error": failHint, "raise": failHint, "abort": failHint, "exit": failHint,
	"return": "write respond: { body: … }", "reply": "write respond: { body: … }", "response": "write respond: { body: … }",
	"emit": publishHint, "send": publishHint, "produce": publishHint, "enqueue": publishHint, "notify": publishHint, "kafka": publishHint,
	"subflow": "write route: NAME, with the sub-route", "include": "write route: NAME, with the sub-route",
	"flow":  "write route: NAME, with the sub-route",
	"print": "write log: TEXT", "echo": "write log: TEXT", "debug": "write log: TEXT, with level: debug",
	"delay": delayHint, "sleep": delayHint, "wait": delayHint, "pause": delayHint,
	"marshal":   "leave it out: the connector reads and writes what the system speaks; toJSON and fromJSON are functions",
	"unmarshal": "leave it out: the connector reads and writes what the system speaks; toJSON and fromJSON are functions",
	"script":    scriptHint, "groovy": scriptHint, "javascript": scriptHint, "python": scriptHint,
	"aggregate": "write collect: at a route with topic:", "assert": "write validate:", "check": "write validate:",
}

const (
	callHint    = "write call: SYSTEM.OPERATION, with an operation of a connector"
	setHint     = "write set: { NAME: … }"
	chooseHint  = "write choose:, a list of { when: CONDITION, steps: [ … ] }, or when: at one step"
	forHint     = "write for_each: ITEM in LIST"
	repeatHint  = "write repeat: { NAME: … } with until: and max:"
	tryStep     = "write try: [ … ] with catch:"
	failHint    = "write fail: { status: 409, detail: … }"
	publishHint = "write publish: TOPIC"
	delayHint   = "no step waits: the pause between rounds of repeat is pause:, that between attempts belongs to retry:, and " +
		"what is to be done later is published with after:"
	scriptHint = "there are no scripts: write an expression, or let a system do it"
)

// wordHabits are keys beside any step's kind.
var wordHabits = map[string]string{
	"if": "write when: CONDITION", "unless": "write when: !(CONDITION)", "condition": "write when: CONDITION",
	"name":    "write as: for the name of what it returns, or id: for its own",
	"loop":    eachHint,
	"foreach": eachHint, "with_items": eachHint, "for": eachHint,
	"needs": "leave it out: steps are done in their order", "depends_on": "leave it out: steps are done in their order",
	"finally":     "there is no finally: what follows the step try is done in both cases",
	"description": "a step has none: write a comment, # …", "comment": "a step has none: write a comment, # …",
}

const (
	eachHint  = "write a step for_each: ITEM in LIST with this one under steps:"
	catchHint = "write catch: { unavailable: … }, or a step try:"
	inputHint = "write with: { … }: the input is one object, whatever the wire makes of it"
)

// callHabits are keys beside call and route.
var callHabits = map[string]string{
	"register": "write as:", "output": "write as:", "result": "write as:", "out": "write as:", "into": "write as:", "store": "write as:",
	"args": "write with:", "arguments": "write with:", "params": "write with:", "parameters": "write with:", "input": "write with:",
	"inputs": "write with:", "data": "write with:", "payload": "write with:", "json": "write with:", "body": inputHint,
	"headers": inputHint,
	"query":   inputHint, "path": inputHint, "continue-on-error": catchHint, "ignore_errors": catchHint, "onError": catchHint,
	"on_error": catchHint, "timeout-minutes": "write timeout: 1m", "retries": "write retry: { attempts: 3 }",
}

// publishHabits are keys beside publish.
var publishHabits = map[string]string{
	"data": "write event:", "payload": "write event:", "body": "write event:", "message": "write event:", "value": "write event:",
	"with": "write event:", "delay": "write after:", "partition": "write key:",
}

// respondHabits are keys of answers.
var respondHabits = map[string]string{
	"code": "write status: 200", "statusCode": "write status: 200", "json": "write body:; it is JSON unless content: says otherwise",
	"data": "write body:", "text": "write body: with content: text/plain", "html": "write body: with content: text/html",
	"payload":     "write body:",
	"contentType": "write content: application/pdf", "type": "write content: application/pdf",
	"media_type": "write content: application/pdf",
	"mediaType":  "write content: application/pdf", "redirect": "write status: 303 and headers: { Location: … }",
	"file":  "write stream: NAME",
	"error": "write a step fail:",
}
