package diag

import "strings"

func routeDocs() []Doc {
	second := strings.Replace(strings.TrimPrefix(route("", "", ""), "routes:\n"), "  pratica:", "  altra:", 1)
	parallel := `    steps:
      - parallel:
          sportello:
            optional: true
            steps:
              - call: sportello.leggi
                with: { numero: "${path.numero}" }
                as: pratica
`
	return []Doc{
		{
			BadRoute, "a route that contradicts itself",
			"The route's parts do not fit: an invalid path, a parameter of the path that is not declared, a step that can never be reached.",
			routesFileName, route(strings.Replace(routeHead, "GET /pratiche", "GET pratiche", 1), "", ""), route("", "", ""),
		},
		{
			DuplicateRoute, "two routes of one name or address",
			"Two routes have the same name, or the same method and path; one of them would never be called.",
			routesFileName, route("", "", "") + second, route("", "", "") + strings.Replace(second, "GET /pratiche/", "GET /altre/", 1),
		},
		{
			MissingAuth, "a route that does not say who may call",
			"Every route says who may call it. A public one says auth: none.",
			routesFileName, route(strings.Replace(routeHead, "    auth: none\n", "", 1), "", ""), route("", "", ""),
		},
		{
			UnknownRoute, "a route that is not there, or calls itself",
			"A step names a route that does not exist, or routes call each other in a circle.",
			routesFileName, route("", "    steps:\n      - route: pratica-intera\n        as: pratica\n", ""), route("", "", ""),
		},
		{
			DegradedAnswer, "a missing part that the answer does not name",
			"An optional branch may be missing from the answer, and the caller could not distinguish it from one that is empty. Put missing, the " +
				"list of the missing branches, into the body.",
			routesFileName, route("", parallel, "    respond:\n      body:\n        stato: ${pratica?.stato}\n"),
			route("", parallel, "    respond:\n      body:\n        stato: ${pratica?.stato}\n        mancano: ${missing}\n"),
		},
		{
			Contract, "the route and the contract disagree",
			"fondaco.yaml names an OpenAPI document that the routes must fulfil, and a route does not, or one of the document's operations has " +
				"no route.",
			routesFileName, route(strings.Replace(routeHead, "GET /pratiche/", "GET /altre/", 1), "", ""), route("", "", ""),
		},
		{
			DoesNotFit, "what is sent or answered does not fit its type",
			"A call's with lacks a field that the operation needs, has one that it does not know, or has one of another type.",
			routesFileName, route("", strings.Replace(routeSteps, "{ numero: \"${path.numero}\" }", "{ numero: true }", 1), ""), route("", "", ""),
		},
		{
			UnknownTopic, "a topic that is not there",
			"A step publishes to, or a route reads, a topic that fondaco.yaml does not declare under topics.",
			routesFileName, route("", "    steps:\n      - publish: pratiche.aperte\n        event: { numero: 1 }\n", ""), route("", "", ""),
		},
		{
			UnknownSequence, "a sequence that is not there",
			"An expression draws a number of a sequence that fondaco.yaml does not declare under sequences.",
			routesFileName, route("", "    steps:\n      - set: { numero: \"${sequence(\\\"pratiche\\\")}\" }\n", ""), route("", "", ""),
		},
		{
			UnknownProblem, "a problem that is not there",
			"A step fail names a problem that fondaco.yaml does not declare under problems.",
			routesFileName, route("", "    steps:\n      - fail: { problem: non-pagabile }\n", ""), route("", "", ""),
		},
	}
}
