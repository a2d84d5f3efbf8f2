package texts

// Key names a text.
type Key int

// The texts of documents.
const (
	ThisServer Key = iota
	ThisMachine
	Production
	StatusTag
	OperationsTag
	OtherTag
	ServiceStatus
	ServiceStatusDoc
	ServiceUp
	ServiceDown
	QuotaLimit
	QuotaLeft
	QuotaReset
	RetryAfter
	Problem
	ProblemType
	ProblemTitle
	ProblemStatus
	ProblemDetail
	ProblemInstance
	ProblemErrors
	ProblemRequest
	ProblemPointer
	ProblemParameter
	OtherStatus
	Outcome

	SignedToken
	NameAndPassword
	APIKey
	SlashInValue
	RepetitionKey
	FileName

	TakenOn
	OperationID
	OperationState
	StateOfRequest
	NotEnded
	Ended
	SameState
	LastETag
	ReadETag
	LastRead
	NotModified
	CancelRequest
	Cancelled
	ResultOfRequest
	ResultAsDescribed

	ReplyTo
	Correlation
	Callback
	CallbackDoc
	CallbackKey
	CallbackTaken

	KafkaServer
	KafkaPassword
	EventKey
	EventHeaders
	EventID
	EventVersion
	EventKind
	EventSource
	EventTime
	EventSubject
	EventPartition
	EventTrace
	EventContent

	// Count is how many there are.
	Count
)

var table = [Count]pair{
	ThisServer:       {"Questo server", "This server"},
	ThisMachine:      {"Questa macchina", "This machine"},
	Production:       {"Produzione", "Production"},
	StatusTag:        {"Stato", "Status"},
	OperationsTag:    {"Operazioni", "Operations"},
	OtherTag:         {"Altro", "Other"},
	ServiceStatus:    {"Stato del servizio", "The service's status"},
	ServiceStatusDoc: {"Dice se il servizio è in grado di rispondere.", "Reports whether the service is able to answer."},
	ServiceUp:        {"Il servizio risponde", "The service answers"},
	ServiceDown:      {"Il servizio non è disponibile", "The service is not available"},
	QuotaLimit:       {"Richieste ammesse nella finestra", "Requests admitted in the window"},
	QuotaLeft:        {"Richieste che restano nella finestra", "Requests left in the window"},
	QuotaReset:       {"Secondi che mancano alla prossima finestra", "Seconds until the next window"},
	RetryAfter:       {"Secondi da attendere prima di riprovare", "Seconds to wait before trying again"},
	Problem:          {"Che cosa non è andato a buon fine (RFC 9457)", "What went wrong (RFC 9457)"},
	ProblemType:      {"Il genere del problema", "The kind of problem"},
	ProblemTitle:     {"Il problema in poche parole", "The problem in a few words"},
	ProblemStatus:    {"Lo stato HTTP", "The HTTP status"},
	ProblemDetail:    {"Che cosa è successo questa volta", "What happened this time"},
	ProblemInstance:  {"Questa richiesta", "This request"},
	ProblemErrors:    {"I singoli errori della richiesta", "The request's single errors"},
	ProblemRequest:   {"L'identificativo della richiesta, come in X-Request-Id", "The request's id, as in X-Request-Id"},
	ProblemPointer:   {"Il punto del corpo, come JSON Pointer (RFC 6901)", "The place in the body, a JSON Pointer (RFC 6901)"},
	ProblemParameter: {"Il nome del parametro", "The parameter's name"},
	OtherStatus:      {"Errore", "Error"},
	Outcome: {
		"unknown: non è noto se la richiesta ha avuto effetto. Prima di ripeterla va controllato lo stato; con la stessa " +
			"Idempotency-Key si può ripetere, e non è eseguita due volte",
		"unknown: it is not known whether the request took effect. Ask for its state before sending it again; with the same " +
			"Idempotency-Key it may be sent again, and is not done twice",
	},

	NameAndPassword: {"Un nome e una password (RFC 7617), solo con TLS.", "A name and a password (RFC 7617), over TLS alone."},
	APIKey:          {"Una chiave che l'ente assegna a chi chiama.", "A key that the city hands out to the caller."},
	SignedToken:     {"Un token firmato (RFC 8725) del servizio di accesso.", "A signed token (RFC 8725) of the login service."},
	SlashInValue:    {"Una barra (/) nel valore si scrive %2F", "A slash (/) in the value is written %2F"},
	RepetitionKey: {
		"Ripetere la richiesta con la stessa chiave non la esegue due volte", "A request repeated with the same key is not done twice",
	},
	FileName: {"Il nome del file, se il sistema lo dice", "The file's name, where the system tells it"},

	TakenOn: {
		"Richiesta presa in carico; Location dice dove chiederne lo stato", "The request was accepted; Location is where to ask for its state",
	},
	OperationID:    {"L'identificativo dell'operazione", "The operation's id"},
	OperationState: {"Lo stato dell'operazione", "The operation's state"},
	StateOfRequest: {"Lo stato di una richiesta presa in carico", "The state of an accepted request"},
	NotEnded: {
		"Non è ancora conclusa; Retry-After dice quando chiedere di nuovo", "It has not ended yet; Retry-After says when to ask again",
	},
	Ended:     {"È conclusa: Location dice dove è l'esito", "It has ended: Location is where the result is"},
	SameState: {"Lo stato è quello di If-None-Match", "The state is that of If-None-Match"},
	LastETag:  {"L'ETag dell'ultimo stato ricevuto", "The ETag of the state that was received last"},
	ReadETag: {
		"L'ETag che la lettura ha dato: la richiesta vale solo se nulla è cambiato",
		"The ETag that was read: the request holds only if nothing has changed",
	},
	LastRead: {"L'ETag dell'ultima risposta ricevuta", "The ETag of the answer that was received last"},
	NotModified: {
		"Nulla è cambiato: vale la risposta che ha l'ETag di If-None-Match",
		"Nothing has changed: the answer with the ETag of If-None-Match holds",
	},
	CancelRequest:     {"Annulla una richiesta che attende di essere lavorata", "Cancels a request that waits to be worked on"},
	Cancelled:         {"È annullata", "It is cancelled"},
	ResultOfRequest:   {"L'esito di una richiesta conclusa", "The result of a request that has ended"},
	ResultAsDescribed: {"L'esito, come l'operazione lo descrive", "The result, as the operation describes it"},

	ReplyTo: {
		"L'indirizzo, fra quelli concordati, a cui comunicare l'esito (ModI NONBLOCK_PUSH_REST)",
		"The address, one of those agreed on, that the result is sent to (ModI NONBLOCK_PUSH_REST)",
	},
	Correlation: {
		"L'identificativo dell'operazione, lo stesso della risposta 202 e della comunicazione dell'esito",
		"The operation's id, the same in the answer 202 and where the result is sent",
	},
	Callback: {"L'esito della richiesta", "The result of the request"},
	CallbackDoc: {
		"Quando la richiesta è conclusa il suo esito, lo stesso di /operations/{id}/result, è comunicato all'indirizzo dato in X-ReplyTo. " +
			"La comunicazione è ripetuta, con la stessa Idempotency-Key, finché la risposta non è 2xx.",
		"When the request has ended its result, that of /operations/{id}/result, is sent to the address given in X-ReplyTo. " +
			"It is sent again, with the same Idempotency-Key, until the answer is 2xx.",
	},
	CallbackKey:   {"La stessa per ogni ripetizione della comunicazione", "The same each time that the result is sent"},
	CallbackTaken: {"Esito ricevuto", "The result was received"},

	KafkaServer:   {"Il nodo Apache Kafka da cui si comincia", "The Apache Kafka node at which clients begin"},
	KafkaPassword: {"Utente e parola d'ordine (SASL PLAIN, su TLS)", "User and password (SASL PLAIN, over TLS)"},
	EventKey: {
		"La chiave: i messaggi di una stessa chiave mantengono il loro ordine. Senza chiave non c'è ordine",
		"The key: messages of one key keep their order. Without a key there is no order",
	},
	EventHeaders: {
		"Un evento CloudEvents 1.0 in modo binario: gli attributi sono intestazioni, i dati sono il valore",
		"A CloudEvents 1.0 event in binary mode: attributes are headers, the data is the value",
	},
	EventID: {
		"L'identificativo, unico presso la sua fonte: un messaggio ripetuto ha lo stesso",
		"The id, unique within its source: a repeated message has the same",
	},
	EventVersion:   {"La versione di CloudEvents", "The version of CloudEvents"},
	EventKind:      {"Il genere dell'evento", "The kind of event"},
	EventSource:    {"Chi lo pubblica", "Who publishes it"},
	EventTime:      {"Quando è avvenuto", "When it happened"},
	EventSubject:   {"Che cosa riguarda", "What it is about"},
	EventPartition: {"La chiave, come nel record", "The key, as in the record"},
	EventTrace:     {"La traccia a cui appartiene (W3C Trace Context)", "The trace it belongs to (W3C Trace Context)"},
	EventContent:   {"Il formato dei dati: application/json", "The format of the data: application/json"},
}

// statuses says what the statuses mean.
var statuses = map[int]pair{
	0:   {"Errore inatteso", "Unexpected error"},
	200: {"Riuscito", "Done"},
	201: {"Creato", "Created"},
	202: {"Preso in carico", "Accepted"},
	203: {"Riuscito, con una risposta elaborata", "Done, with an answer that was changed on the way"},
	204: {"Riuscito, senza contenuto", "Done, without content"},
	205: {"Riuscito, senza contenuto: il modulo va svuotato", "Done, without content: reset the form"},
	206: {"Riuscito, con una parte del contenuto", "Done, with a part of the content"},
	207: {"Più esiti", "Several results"},
	208: {"Già riportato", "Already reported"},
	226: {"Riuscito, con le sole differenze", "Done, with the differences alone"},
	300: {"Più scelte", "Several choices"},
	301: {"Spostato per sempre", "Moved for good"},
	302: {"Si trova altrove", "It is elsewhere"},
	303: {"La risposta è altrove", "The answer is elsewhere"},
	304: {"Non è cambiato", "It has not changed"},
	305: {"Serve un proxy", "A proxy is needed"},
	307: {"Spostato per ora", "Moved for now"},
	308: {"Spostato per sempre, con lo stesso metodo", "Moved for good, with the same method"},
	400: {"Richiesta non valida", "The request is not valid"},
	401: {"Autenticazione mancante o non sufficiente", "Authentication is missing or not sufficient"},
	402: {"Pagamento necessario", "A payment is required"},
	403: {"Operazione non consentita", "The operation is not allowed"},
	404: {"Non trovato", "It was not found"},
	405: {"Metodo non ammesso", "The method is not allowed"},
	406: {"Formato non disponibile", "The format is not available"},
	407: {"Autenticazione del proxy necessaria", "The proxy requires authentication"},
	408: {"Richiesta troppo lenta", "The request was too slow"},
	409: {"In conflitto con lo stato attuale", "In conflict with the present state"},
	410: {"La richiesta è stata annullata", "The request was cancelled"},
	411: {"Lunghezza mancante", "The length is missing"},
	412: {"Condizione non soddisfatta", "A condition does not hold"},
	413: {"Richiesta troppo grande", "The request is too large"},
	414: {"Indirizzo troppo lungo", "The address is too long"},
	415: {"Formato della richiesta non supportato", "The format of the request is not supported"},
	416: {"Intervallo non disponibile", "The range is not available"},
	417: {"Richiesta di Expect non ammessa", "What Expect asks for is not supported"},
	418: {"Una teiera", "A teapot"},
	421: {"Richiesta a un server sbagliato", "The request went to the wrong server"},
	422: {"I dati della richiesta non sono accettabili", "The data of the request are not acceptable"},
	423: {"Bloccato", "Locked"},
	424: {"Dipendenza non riuscita", "What it depends on failed"},
	425: {"Troppo presto", "Too early"},
	426: {"Serve un altro protocollo", "Another protocol is required"},
	428: {"Condizione mancante", "A condition is required"},
	429: {"Troppe richieste", "Too many requests"},
	431: {"Intestazioni troppo grandi", "The headers are too large"},
	451: {"Non disponibile per ragioni legali", "Not available for legal reasons"},
	500: {"Errore interno", "Internal error"},
	501: {"Funzione non realizzata", "Not implemented"},
	502: {"Un sistema ha risposto in modo non comprensibile", "A system answered in a way that cannot be understood"},
	503: {"Un sistema non è disponibile", "A system is not available"},
	504: {"Un sistema non ha risposto in tempo", "A system did not answer in time"},
	505: {"Versione di HTTP non ammessa", "The version of HTTP is not supported"},
	506: {"Errore nella scelta della variante", "The choice of a variant failed"},
	507: {"Spazio esaurito", "There is no space left"},
	508: {"Ciclo senza fine", "Endless loop"},
	510: {"Estensione mancante", "An extension is missing"},
	511: {"Autenticazione della rete necessaria", "The network requires authentication"},
}
