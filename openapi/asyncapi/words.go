package asyncapi

// words are the texts that Write adds by itself, in one language.
type words struct {
	server, password, key, headers                             string
	id, version, kind, source, time, subject, partition, trace string
	content                                                    string
}

var italian = words{
	server:    "Il nodo Apache Kafka da cui si comincia",
	password:  "Utente e parola d'ordine (SASL PLAIN, su TLS)",
	key:       "La chiave: i messaggi di una stessa chiave mantengono il loro ordine. Senza chiave non c'è ordine",
	headers:   "Un evento CloudEvents 1.0 in modo binario: gli attributi sono intestazioni, i dati sono il valore",
	id:        "L'identificativo, unico presso la sua fonte: un messaggio ripetuto ha lo stesso",
	version:   "La versione di CloudEvents",
	kind:      "Il genere dell'evento",
	source:    "Chi lo pubblica",
	time:      "Quando è avvenuto",
	subject:   "Che cosa riguarda",
	partition: "La chiave, come nel record",
	trace:     "La traccia a cui appartiene (W3C Trace Context)",
	content:   "Il formato dei dati: application/json",
}

var english = words{
	server:    "The Apache Kafka node at which clients begin",
	password:  "User and password (SASL PLAIN, over TLS)",
	key:       "The key: messages of one key keep their order. Without a key there is no order",
	headers:   "A CloudEvents 1.0 event in binary mode: attributes are headers, the data is the value",
	id:        "The id, unique within its source: a repeated message has the same",
	version:   "The version of CloudEvents",
	kind:      "The kind of event",
	source:    "Who publishes it",
	time:      "When it happened",
	subject:   "What it is about",
	partition: "The key, as in the record",
	trace:     "The trace it belongs to (W3C Trace Context)",
	content:   "The format of the data: application/json",
}
