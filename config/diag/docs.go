package diag

import "strings"

// Doc explains a code. Bad is the content of File in a small project that has the problem, Good of one that has none.
type Doc struct {
	Code  Code
	Title string // what it is, in a few words
	Text  string // what it means and what to do
	File  string
	Bad   string
	Good  string
}

// DocOf returns a code's explanation, nil if there is no such code.
func DocOf(code Code) *Doc {
	for _, d := range Docs() {
		if d.Code == code {
			return &d
		}
	}
	return nil
}

// Project returns the files of the example's project with content in the place of File.
func (d *Doc) Project(content string) map[string]string {
	files := map[string]string{projectFileName: projectFile, connectorFileName: connectorFile, routesFileName: route("", "", "")}
	if d.Code == Contract {
		files[projectFileName] = projectFile + "contract: openapi/contratto.yaml\n"
		files["openapi/contratto.yaml"] = contractFile
	}
	if d.File == projectFileName && !strings.Contains(content, "systems:") {
		files = map[string]string{}
	}
	files[d.File] = content
	return files
}

const (
	projectFileName   = "fondaco.yaml"
	connectorFileName = "connectors/sportello/connector.yaml"
	routesFileName    = "routes/pratiche.yaml"

	projectFile = `project: esempio
systems:
  sportello:
    connector: ./connectors/sportello
    params: { endpoint: "${env.SPORTELLO_URL}", token: "${secret.sportello}" }
`
	connectorFile = `connector: sportello
version: 1.0.0
title: Le pratiche dello sportello
params:
  endpoint: { type: string, format: uri }
  token: { type: string, secret: true }
rest:
  endpoint: ${param.endpoint}
  auth: { bearer: "${param.token}" }
operations:
  leggi:
    get: /pratiche/{numero}
    effect: read
    path: { numero: { type: string } }
    answer:
      type: object
      required: [numero, stato]
      properties:
        numero: { type: string }
        stato: { type: string, enum: [aperta, chiusa] }
        importo: { type: number }
  crea:
    post: /pratiche
    effect: once
    body:
      type: object
      required: [oggetto]
      properties:
        oggetto: { type: string }
    answer:
      type: object
      required: [numero]
      properties:
        numero: { type: string }
`
	contractFile = `openapi: 3.0.3
info: { title: Esempio, version: 1.0.0 }
paths:
  /pratiche/{numero}:
    get:
      operationId: pratica
      parameters:
        - { name: numero, in: path, required: true, schema: { type: string } }
      responses:
        "200":
          description: La pratica
          content:
            application/json:
              schema:
                type: object
                required: [stato]
                properties:
                  stato: { type: string, enum: [aperta, chiusa] }
`
	routeHead = `routes:
  pratica:
    summary: Una pratica
    http: GET /pratiche/{numero}
    auth: none
`
	routeSteps = `    steps:
      - call: sportello.leggi
        with: { numero: "${path.numero}" }
        as: pratica
`
	routeBody = `    respond:
      body:
        stato: ${pratica.stato}
`
)

// route is the example's routes file; an empty part is the usual one.
func route(head, steps, body string) string {
	if head == "" {
		head = routeHead
	}
	if steps == "" {
		steps = routeSteps
	}
	if body == "" {
		body = routeBody
	}
	return head + steps + body
}

// answer is the example's routes file with other fields in its answer.
func answer(fields string) string {
	return route("", "", "    respond:\n      body:\n        "+fields+"\n")
}

// Docs lists every code with its explanation, in the codes' order.
func Docs() []Doc {
	return append(append(append(append(fileDocs(), fieldDocs()...), expressionDocs()...), systemDocs()...), routeDocs()...)
}
