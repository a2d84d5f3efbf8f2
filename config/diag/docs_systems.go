package diag

import "strings"

func systemDocs() []Doc {
	crea := `routes:
  nuova-pratica:
    summary: Una pratica nuova
    http: POST /pratiche
    auth: none
    body: { type: object, required: [oggetto], properties: { oggetto: { type: string } } }
`
	call := `    steps:
      - call: sportello.crea
        with: { oggetto: "${body.oggetto}" }
        as: pratica
`
	body := "    respond:\n      status: 201\n      body:\n        numero: ${pratica.numero}\n"
	return []Doc{
		{
			UnknownSystem, "a system that the project does not have",
			"A call names a system that does not stand under systems: in fondaco.yaml.",
			routesFileName, route("", strings.Replace(routeSteps, "sportello.leggi", "sportelo.leggi", 1), ""), route("", "", ""),
		},
		{
			UnknownOperation, "an operation that the system does not have",
			"The system's connector has no operation of that name.",
			routesFileName, route("", strings.Replace(routeSteps, "sportello.leggi", "sportello.legi", 1), ""), route("", "", ""),
		},
		{
			BadConnector, "a connector that contradicts itself",
			"The connector's parts do not fit: a path with a parameter that is not declared, an operation that its document does not have.",
			connectorFileName, strings.Replace(connectorFile, "    path: { numero: { type: string } }\n", "    path: { codice: { type: string } }\n",
				1), connectorFile,
		},
		{
			BadSchema, "a schema that cannot be read",
			"A schema in YAML, or a WSDL, XSD or OpenAPI document, uses words that are unknown, or contradicts itself.",
			connectorFileName, strings.Replace(connectorFile, "required: [numero, stato]", "required: [numero, esito]", 1), connectorFile,
		},
		{
			UnsafeRetry, "a retry of what must happen once",
			"The operation has the effect once: after a failure it is not known whether it happened, and a second attempt could do it twice. " +
				"Take retry away; or declare in the connector that the operation is idempotent.",
			routesFileName, route(crea, call+"        retry: { attempts: 3 }\n", body), route(crea, call, body),
		},
	}
}
