// Package trigger is HTTP as routes see it: the request, its typed parameters and body, the answer, and the problem that stands in an
// answer's place. It knows neither listeners nor routes. The triggers themselves are files of routes: trigger_http.go, trigger_topic.go
// and so on.
package trigger
