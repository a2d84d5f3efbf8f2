package trigger

import "slices"

// italian has the built-in texts in plain, impersonal Italian, as the guidelines for the language of public services ask
// (docs.italia.it, "Linee guida di design per i servizi digitali della PA").
var italian = newTranslation(slices.Concat(italianRequests, italianInput))

// italianRequests has titles, what becomes of a request, and who may make it.
var italianRequests = [][2]string{
	// titles
	{"Answer not kept", "Risposta non conservata"},
	{"Cancelled", "Annullata"},
	{"Canceled", "Annullata"},
	{"Client Closed Request", "Richiesta interrotta da chi chiama"},
	{"Conflict", "Conflitto"},
	{"Event too large", "Evento troppo grande"},
	{"Invalid answer", "Risposta non valida"},
	{"Invalid request", "Richiesta non valida"},
	{"No answer in time", "Nessuna risposta in tempo"},
	{"Not done", "Richiesta non eseguita"},
	{"Not found", "Non trovato"},
	{"Not kept", "Richiesta non conservata"},
	{"Not readable any more", "Richiesta non più leggibile"},
	{"Not ready", "Servizio non pronto"},
	{"Outcome unknown", "Esito sconosciuto"},
	{"Refused", "Richiesta rifiutata"},
	{"Service unavailable", "Servizio non disponibile"},
	// titles of statuses (RFC 9110)
	{"Bad Request", "Richiesta non corretta"},
	{"Unauthorized", "Accesso necessario"},
	{"Payment Required", "Pagamento necessario"},
	{"Forbidden", "Accesso negato"},
	{"Not Found", "Non trovato"},
	{"Method Not Allowed", "Metodo non ammesso"},
	{"Not Acceptable", "Formato non disponibile"},
	{"Proxy Authentication Required", "Autenticazione al proxy necessaria"},
	{"Request Timeout", "Tempo scaduto"},
	{"Gone", "Non più disponibile"},
	{"Length Required", "Lunghezza necessaria"},
	{"Precondition Failed", "Condizione non soddisfatta"},
	{"Request Entity Too Large", "Richiesta troppo grande"},
	{"Request URI Too Long", "Indirizzo troppo lungo"},
	{"Unsupported Media Type", "Formato non ammesso"},
	{"Requested Range Not Satisfiable", "Intervallo non disponibile"},
	{"Expectation Failed", "Richiesta di Expect non ammessa"},
	{"I'm a teapot", "Sono una teiera"},
	{"Misdirected Request", "Richiesta arrivata al server sbagliato"},
	{"Unprocessable Entity", "Richiesta non valida"},
	{"Locked", "Bloccato"},
	{"Failed Dependency", "Dipendenza non riuscita"},
	{"Too Early", "Troppo presto"},
	{"Upgrade Required", "Aggiornamento del protocollo necessario"},
	{"Precondition Required", "Condizione necessaria"},
	{"Too Many Requests", "Troppe richieste"},
	{"Request Header Fields Too Large", "Intestazione troppo grande"},
	{"Unavailable For Legal Reasons", "Non disponibile per motivi legali"},
	{"Internal Server Error", "Errore interno"},
	{"Not Implemented", "Non previsto"},
	{"Bad Gateway", "Risposta non valida"},
	{"Service Unavailable", "Servizio non disponibile"},
	{"Gateway Timeout", "Nessuna risposta in tempo"},
	{"HTTP Version Not Supported", "Versione di HTTP non ammessa"},
	{"Variant Also Negotiates", "Errore interno"},
	{"Insufficient Storage", "Spazio esaurito"},
	{"Loop Detected", "Errore interno"},
	{"Not Extended", "Errore interno"},
	{"Network Authentication Required", "Autenticazione alla rete necessaria"},

	// faults of systems
	{
		"A system that this operation needs does not answer at the moment.",
		"Un sistema necessario al servizio non risponde in questo momento.",
	},
	{"A system that this operation needs did not answer in time.", "Un sistema necessario al servizio non ha risposto in tempo."},
	{"The system behind this operation refused the request.", "Il sistema che gestisce il servizio ha rifiutato la richiesta."},
	{
		"A system that this operation needs gave an answer that cannot be used.",
		"Un sistema necessario al servizio ha dato una risposta non utilizzabile.",
	},
	{
		"The request was erased before it was done, and is not done.",
		"La richiesta è stata cancellata prima di essere eseguita e non sarà eseguita.",
	},
	{"What was asked for does not exist.", "Quanto richiesto non esiste."},
	{"The state of the thing does not admit the request.", "Lo stato attuale non consente la richiesta."},
	{
		"It is not known whether the request took effect: ask for its state before sending it again.",
		"Non è noto se la richiesta ha avuto effetto: prima di ripeterla, controllarne lo stato.",
	},
	{"A system that this answer depends on is not available.", "Un sistema necessario al servizio non è disponibile."},
	{"A system that this answer depends on did not answer in time.", "Un sistema necessario al servizio non ha risposto in tempo."},
	{"A system that this answer depends on refused the request.", "Un sistema necessario al servizio ha rifiutato la richiesta."},
	{
		"A system that this answer depends on gave an answer that is not understood.",
		"Un sistema necessario al servizio ha dato una risposta non comprensibile.",
	},
	{"The present state does not allow this.", "Lo stato attuale non consente la richiesta."},
	{
		"The outcome is unknown: it is not known whether the request took effect.",
		"L'esito è sconosciuto: non è noto se la richiesta ha avuto effetto.",
	},
	{"The answer was not ready in time.", "La risposta non era pronta in tempo."},
	{"The operation did not end within its time.", "L'operazione non è terminata in tempo."},
	{"The caller went away.", "La richiesta è stata interrotta."},
	{"The answer does not fit its description.", "La risposta non corrisponde alla sua descrizione."},
	{"The operation failed because of an internal error.", "L'operazione non è riuscita per un errore interno."},
	{
		"A value of the request fits its type, and the operation cannot compute with it: it has another form, or is too large.",
		"Un valore della richiesta è del tipo giusto, ma l'operazione non può elaborarlo: ha un'altra forma, o è troppo grande.",
	},
	{"The operation came to cost more than it may.", "L'operazione richiede più risorse di quelle ammesse."},
	{"There are more items than this operation works on.", "Gli elementi sono più di quelli che il servizio può trattare."},
	{
		"This operation is not ready: a system that it needs is not set up.",
		"Il servizio non è pronto: un sistema necessario non è configurato.",
	},
	{"This service is not ready.", "Il servizio non è pronto."},
	{"What was given does not fit what the system takes: {}.", "Un valore non corrisponde a quello che il sistema accetta: {}."},
	{"A text of the request is not the JSON that is expected: {}.", "Un testo della richiesta non è il JSON atteso: {}."},
	{"What was given does not fit: {}.", "Un valore non corrisponde a quello atteso: {}."},
	{"The header {} cannot be written.", "L'intestazione {} non si può scrivere."},
	{
		"A value of this request has a line end or another control character, and is to stand in the header {} of the " +
			"answer, which can have none.",
		"Un valore della richiesta contiene un a capo o un altro carattere di controllo, e deve stare " +
			"nell'intestazione {} della risposta, che non ne ammette.",
	},

	{
		"An event of this operation is larger than the topics take ({} bytes), and was not published.",
		"Un evento di questa operazione supera la dimensione ammessa ({} byte) e non è stato pubblicato.",
	},

	// where nothing is, and what is not allowed
	{"There is nothing under this path.", "A questo indirizzo non c'è nulla."},
	{"The path encodes a slash, and no parameter there takes one.", "L'indirizzo codifica una barra, e lì nessun parametro la ammette."},
	{
		"This path does not support that method; the header Allow lists those it supports.",
		"Questo indirizzo non ammette il metodo; l'intestazione Allow elenca quelli ammessi.",
	},
	{
		"This path does not support that method; the header Allow lists those it does.",
		"Questo indirizzo non ammette il metodo; l'intestazione Allow elenca quelli ammessi.",
	},
	{"This path supports GET and HEAD alone.", "Questo indirizzo ammette solo GET e HEAD."},
	{"The service is starting or stopping.", "Il servizio si sta avviando o fermando."},
	{"The service is stopping.", "Il servizio si sta fermando."},
	{"Too many requests.", "Troppe richieste."},
	{
		"Too many requests from this address are in flight: wait until earlier ones have ended.",
		"Da questo indirizzo ci sono troppe richieste in corso: attendere che finiscano.",
	},
	{"The server is at its memory limit: try again soon.", "Il servizio è al limite della memoria: riprovare tra poco."},

	// who calls
	{
		"A token must come in the header Authorization, never in the query.",
		"Il token va nell'intestazione Authorization, mai nella query.",
	},
	{"A higher level of identification is needed.", "Serve un livello di identificazione più alto."},
	{"The login is too long ago: log in again.", "L'accesso è troppo vecchio: occorre accedere di nuovo."},
	{"The caller lacks the role for this operation.", "Manca il ruolo necessario per questa operazione."},
	{"The caller cannot be authenticated right now.", "In questo momento non è possibile verificare l'accesso."},
	{"An access token is needed.", "È necessario accedere."},
	{"The header Authorization stands twice.", "L'intestazione Authorization è ripetuta."},
	{"The keys that tokens are checked by cannot be had.", "Le chiavi per verificare l'accesso non sono disponibili."},
	{"An API key is needed.", "È necessaria una chiave."},
	{"The API key is not known.", "La chiave non è riconosciuta."},
	{"The API key has expired.", "La chiave è scaduta."},
	{"The header with the API key stands twice.", "L'intestazione con la chiave è ripetuta."},
	{"A name and a password are needed.", "Sono necessari un nome e una password."},
	{"The name or the password is wrong.", "Il nome o la password non sono corretti."},
	{"The password has expired.", "La password è scaduta."},
	{"A password is taken over TLS alone.", "Una password si accetta solo con TLS."},
	{"The access token is not valid.", "L'accesso non è valido."},
	{"The access token does not hold any longer.", "L'accesso non è più valido."},
	{
		"It cannot be found out now whether the access token still holds.",
		"In questo momento non è possibile verificare se l'accesso è ancora valido.",
	},
	{
		"The token does not say the caller's {}, which this operation needs.",
		"L'accesso non comunica {}, che serve per questa operazione.",
	},
	{"fiscal_code", "il codice fiscale"},
	{"subject", "l'identificativo"},
	{"level", "il livello"},
	{"channel", "il canale"},
	{"roles", "i ruoli"},

	// requests that are kept, and keys
	{"There is no storage for asynchronous requests.", "Non c'è un archivio per le richieste da eseguire in seguito."},
	{"There is no storage for answers under an Idempotency-Key.", "Non c'è un archivio per le risposte con Idempotency-Key."},
	{
		"This Idempotency-Key was already used with a different request.",
		"Questa Idempotency-Key è già stata usata per una richiesta diversa.",
	},
	{"The request of this Idempotency-Key is being accepted.", "La richiesta con questa Idempotency-Key è in corso di accettazione."},
	{"The request is larger than what can be kept.", "La richiesta è più grande di quanto si può conservare."},
	{
		"The request could not be kept: it is not done. Send it again.",
		"La richiesta non è stata conservata e non sarà eseguita: inviarla di nuovo.",
	},
	{"The request could not be kept. Send it again.", "La richiesta non è stata conservata: inviarla di nuovo."},
	{
		"It is not known whether the request was kept. Send it again with the same Idempotency-Key.",
		"Non è noto se la richiesta è stata conservata: inviarla di nuovo con la stessa Idempotency-Key.",
	},
	{
		"expected at least {} characters that nobody can guess, as a random UUID: the caller is not known",
		"attesi almeno {} caratteri che nessuno può indovinare, come un UUID casuale: chi chiama non è noto",
	},
	{"Idempotency-Key must be 1 to 255 visible characters.", "Idempotency-Key deve avere da 1 a 255 caratteri visibili."},
	{
		"The first request with this Idempotency-Key is still being worked on.",
		"La prima richiesta con questa Idempotency-Key è ancora in lavorazione.",
	},
	{
		"It is not known whether the first request with this Idempotency-Key took effect. It is not repeated.",
		"Non è noto se la prima richiesta con questa Idempotency-Key ha avuto effetto. Non viene ripetuta.",
	},
	{
		"It is not known yet whether the first request with this Idempotency-Key took effect. The system is asked when " +
			"the request comes again.",
		"Non è ancora noto se la prima richiesta con questa Idempotency-Key ha avuto effetto. Quando la richiesta " +
			"arriverà di nuovo sarà chiesto al sistema.",
	},
	{
		"The first request with this Idempotency-Key was done. Its answer is over 1 MiB and was not kept; the request " +
			"is not repeated.",
		"La prima richiesta con questa Idempotency-Key è stata eseguita. La risposta supera 1 MiB e non è stata " +
			"conservata; la richiesta non viene ripetuta.",
	},
	{"There is no such operation.", "Questa operazione non esiste."},
	{"The operation has not ended.", "L'operazione non è ancora conclusa."},
	{"The result has expired.", "Il risultato non è più disponibile."},
	{"The request was cancelled before work on it began.", "La richiesta è stata annullata prima che iniziasse la lavorazione."},
	{
		"Work on the request has begun: it cannot be cancelled any more.",
		"La lavorazione è iniziata: la richiesta non si può più annullare.",
	},
	{
		"The request cannot be cancelled: other processes may be working on it.",
		"La richiesta non si può annullare: potrebbe essere già in lavorazione.",
	},
	{
		"The request could not be done. It is kept, and looked at by the service.",
		"La richiesta non è stata eseguita. È conservata e sarà esaminata dal servizio.",
	},
	{
		"What this operation takes was changed after the request had been accepted, and the request does not fit it. " +
			"It is kept, and looked at by the service.",
		"Il servizio è cambiato dopo che la richiesta era stata accettata, e la richiesta non è più adatta. È " +
			"conservata e sarà esaminata dal servizio.",
	},
	{
		"The result of this request cannot be sent to the address in {}.",
		"L'esito di questa richiesta non si può inviare all'indirizzo in {}.",
	},
	{
		"this operation has no callbacks: ask for its state at the address in Location",
		"questa operazione non invia l'esito: chiederne lo stato all'indirizzo in Location",
	},
	{"the header was sent twice, expected it once", "l'intestazione è ripetuta, attesa una volta"},
	{
		"an https address was expected, with a host, without a user and a fragment, of visible ASCII",
		"atteso un indirizzo https, con un host, senza utente e frammento, in ASCII visibile",
	},
	{"the address is not one of those agreed for this operation", "l'indirizzo non è tra quelli concordati per questa operazione"},
}
