package routes

import (
	"net/http"

	"fondaco/messaging"
	"fondaco/routes/trigger"
	"fondaco/store"
)

// PersonOf returns the marks of the person whose message it is, "" for nobody who is known and for a batch of several.
func PersonOf(m messaging.Message) store.Marks {
	if m.Type != batchEvent {
		return store.Marks(m.Extension(ExtensionMarks))
	}
	_, parts, _ := TakeApart(m)
	for _, one := range parts {
		if one.Marks != parts[0].Marks {
			return ""
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return store.Marks(parts[0].Marks)
}

// ErasedRequest is the result of a request that was erased before it was done.
var ErasedRequest = StoredProblem(&trigger.Problem{
	Status: http.StatusGone, Title: "Cancelled", Detail: "The request was erased before it was done, and is not done.",
})
