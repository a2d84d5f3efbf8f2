// Package trigger holds what starts an exchange. Of HTTP: the request as routes see it, its typed parameters and body,
// the answer, and the problem that stands in an answer's place. It knows neither listeners nor routes.
package trigger
