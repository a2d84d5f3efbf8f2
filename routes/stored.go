package routes

import (
	"fondaco/routes/trigger"
	"fondaco/store"
)

// StoredAnswer returns an answer as it is kept, with a copy of its body: the answer itself may be released.
func StoredAnswer(r *trigger.Response) store.Answer {
	a := store.Answer{Status: r.Status, Body: append([]byte(nil), r.Body...)}
	if r.ContentType != "" {
		a.Header = append(a.Header, [2]string{"Content-Type", r.ContentType})
	}
	for _, h := range r.Header {
		a.Header = append(a.Header, [2]string{h.Name, h.Value})
	}
	return a
}

// StoredProblem returns a problem as the answer that is kept.
func StoredProblem(p *trigger.Problem) store.Answer {
	return store.Answer{Status: p.Status, Header: [][2]string{{"Content-Type", trigger.ProblemType}}, Body: p.AppendJSON(nil)}
}
