package routes

import (
	"bytes"

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

// StoredProblem returns a problem, or what is answered in its place, as the answer that is kept.
func StoredProblem(p *trigger.Problem) store.Answer {
	contentType, body := trigger.Language("").Answer(p)
	return store.Answer{Status: p.Status, Header: [][2]string{{"Content-Type", contentType}}, Body: body}
}

// SendAgain ends the detail of a result that says that a request was not done, without any work on it.
const SendAgain = "it is not done. Send it again."

// IsToBeSentAgain reports whether the result of a failed operation says SendAgain: nobody has worked on its request.
func IsToBeSentAgain(a store.Answer) bool { return bytes.Contains(a.Body, []byte(SendAgain+`"`)) }
