package openapi

import "net/http"

// words are the texts that Write adds by itself, in one language.
type words struct {
	server, statusTag, otherTag                                   string
	status, statusDoc, statusUp, statusDown                       string
	quotaLimit, quotaLeft, quotaReset, retryAfter                 string
	problem, problemType, problemTitle, problemStatus             string
	problemDetail, problemInstance, problemErrors, problemPointer string
	problemParameter                                              string
	other                                                         string
	answers                                                       map[int]string
}

// answer returns what is said of a status of which nobody said anything.
func (w words) answer(status int) string {
	if text := w.answers[status]; text != "" {
		return text
	}
	if text := http.StatusText(status); text != "" {
		return text
	}
	return w.other
}

var italian = words{
	server:           "Questo server",
	statusTag:        "Stato",
	otherTag:         "Altro",
	status:           "Stato del servizio",
	statusDoc:        "Dice se il servizio è in grado di rispondere.",
	statusUp:         "Il servizio risponde",
	statusDown:       "Il servizio non è disponibile",
	quotaLimit:       "Richieste ammesse nella finestra",
	quotaLeft:        "Richieste che restano nella finestra",
	quotaReset:       "Secondi che mancano alla prossima finestra",
	retryAfter:       "Secondi da attendere prima di riprovare",
	problem:          "Che cosa non è andato a buon fine (RFC 9457)",
	problemType:      "Il genere del problema",
	problemTitle:     "Il problema in poche parole",
	problemStatus:    "Lo stato HTTP",
	problemDetail:    "Che cosa è successo questa volta",
	problemInstance:  "Questa richiesta",
	problemErrors:    "I singoli errori della richiesta",
	problemPointer:   "Il punto del corpo, come JSON Pointer (RFC 6901)",
	problemParameter: "Il nome del parametro",
	other:            "Errore",
	answers: map[int]string{
		0: "Errore inatteso", 200: "Riuscito", 201: "Creato", 202: "Preso in carico", 204: "Riuscito, senza contenuto",
		400: "Richiesta non valida", 401: "Autenticazione mancante o non valida", 403: "Operazione non consentita",
		404: "Non trovato", 405: "Metodo non ammesso", 406: "Formato non disponibile", 408: "Richiesta troppo lenta",
		409: "In conflitto con lo stato attuale", 413: "Richiesta troppo grande", 415: "Formato della richiesta non ammesso",
		422: "Dati non accettati", 429: "Troppe richieste", 500: "Errore interno",
		502: "Un sistema ha risposto in modo non valido", 503: "Servizio non disponibile", 504: "Un sistema non ha risposto in tempo",
	},
}

var english = words{
	server:           "This server",
	statusTag:        "Status",
	otherTag:         "Other",
	status:           "The service's status",
	statusDoc:        "Reports whether the service is able to answer.",
	statusUp:         "The service answers",
	statusDown:       "The service is not available",
	quotaLimit:       "Requests admitted in the window",
	quotaLeft:        "Requests left in the window",
	quotaReset:       "Seconds until the next window",
	retryAfter:       "Seconds to wait before trying again",
	problem:          "What went wrong (RFC 9457)",
	problemType:      "The kind of problem",
	problemTitle:     "The problem in a few words",
	problemStatus:    "The HTTP status",
	problemDetail:    "What happened this time",
	problemInstance:  "This request",
	problemErrors:    "The request's single errors",
	problemPointer:   "The place in the body, a JSON Pointer (RFC 6901)",
	problemParameter: "The parameter's name",
	other:            "Error",
	answers:          map[int]string{0: "Unexpected error"},
}
