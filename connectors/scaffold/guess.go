package scaffold

import (
	"slices"
	"strings"
	"unicode"

	"fondaco/connectors"
	"fondaco/schema"
)

// The words that operations' names begin with when they read, and those that tell a change wherever they stand.
var (
	readWords = []string{
		"get", "list", "find", "search", "query", "read", "fetch", "lookup", "retrieve", "show", "view", "count", "check", "is", "has", "exists",
		"ping", "echo", "status", "describe", "download", "verify", "validate", "select",
		"cerca", "ricerca", "ricercare", "leggi", "lettura", "elenco", "elenca", "lista", "consulta", "consultazione", "consultare", "visualizza",
		"interroga", "interrogazione", "dettaglio", "stato", "recupera", "scarica", "verifica", "controlla", "conta", "ottieni", "trova",
		"mostra",
		"esiste", "estratto", "visura",
	}
	changeWords = []string{
		"insert", "update", "delete", "create", "save", "remove", "send", "submit", "register", "cancel", "lock", "reserve", "assign",
		"inserisci", "aggiorna", "elimina", "cancella", "crea", "salva", "registra", "invia", "annulla", "modifica", "prenota", "protocolla",
		"assegna",
	}
)

// GuessEffect guesses an operation's effect by its name: read if it begins with a word that reads and holds none that
// changes, else once, the safe reading. A person has to look at it.
func GuessEffect(name string) connectors.Effect {
	words := wordsOf(name)
	for len(words) > 1 && slices.Contains([]string{"ws", "svc", "soap", "op", "do", "web", "service"}, words[0]) {
		words = words[1:]
	}
	if len(words) == 0 || !begins(words[0], readWords) ||
		slices.ContainsFunc(words[1:], func(w string) bool { return slices.Contains(changeWords, w) }) {
		return connectors.Once
	}
	return connectors.Read
}

// begins reports whether a word is one of the list, or one that is written together with what follows it: in
// "elencoverbali" nobody separates the words.
func begins(word string, list []string) bool {
	for _, w := range list {
		if word == w || len(w) >= 5 && strings.HasPrefix(word, w) {
			return true
		}
	}
	return false
}

// GuessFailure guesses which field of an answer indicates a failure, as an expression that is true when it is there; "" for
// none. A person has to look at it.
func GuessFailure(t *schema.Type) string { return failureIn(t, "answer.", 0) }

func failureIn(t *schema.Type, at string, depth int) string {
	if t == nil || t.Kind != schema.KindRecord || depth > 2 {
		return ""
	}
	for _, f := range t.Fields {
		if words := wordsOf(f.Name); !f.Required && (slices.Contains(words, "errore") || slices.Contains(words, "error") ||
			slices.Contains(words, "fault")) && expressible(f.Name) {
			return at + f.Name + " != nil"
		}
	}
	for _, f := range t.Fields {
		if !expressible(f.Name) {
			continue
		}
		step := at + f.Name
		if !f.Required || f.Type.Nullable {
			step += "?"
		}
		if found := failureIn(f.Type, step+".", depth+1); found != "" {
			return found
		}
	}
	return ""
}

// expressible reports whether a name can stand in an expression as it is.
func expressible(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool {
		return r > unicode.MaxASCII || r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) < 0
}

// wordsOf takes a name apart at capitals, digits and marks; the words are in small letters.
func wordsOf(name string) (words []string) {
	runes := []rune(name)
	start := 0
	end := func(i int) {
		if i > start {
			words = append(words, strings.ToLower(string(runes[start:i])))
		}
		start = i
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end(i)
			start = i + 1
		case i > 0 && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]) || i+1 < len(runes) &&
			unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])):
			end(i)
		}
	}
	end(len(runes))
	return words
}

// GuessPersonal guesses, by their names, which fields of an operation are personal data, in the order in which they are
// met. A person has to look at it.
func GuessPersonal(op *connectors.Operation) (names []string) {
	var all []string
	met := map[string]bool{}
	seen := map[*schema.Type]bool{}
	var walk func(t *schema.Type)
	walk = func(t *schema.Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		for _, f := range t.Fields {
			if !met[f.Name] {
				met[f.Name] = true
				all = append(all, f.Name)
			}
			walk(f.Type)
		}
		walk(t.Elem)
		for _, v := range t.Variants {
			walk(v)
		}
	}
	walk(op.Input)
	walk(op.Output)
	surname := slices.ContainsFunc(all, func(n string) bool { return strings.Contains(strings.ToLower(n), "cognome") })
	for _, n := range all {
		if personalName(n, surname) {
			names = append(names, n)
		}
	}
	return names
}

// personalName reports whether a field is personal data by its name; a name alone is one where surnames are.
func personalName(name string, surnames bool) bool {
	words := wordsOf(name)
	if slices.Contains(words, "cf") {
		return true
	}
	plain := strings.Join(words, "")
	switch plain {
	case "codfisc", "codfiscale", "cognome", "surname", "lastname", "firstname", "nominativo", "intestatario", "email", "mail", "pec",
		"telefono", "cellulare",
		"cell", "tel", "fax", "phone", "mobile", "indirizzo", "address", "iban", "targa", "datanascita", "luogonascita", "comunenascita",
		"datadinascita", "sesso", "residenza", "domicilio":
		return true
	case "nome":
		return surnames
	}
	for _, part := range []string{
		"codicefiscale", "codfiscale", "fiscalcode", "cognome", "datanascita", "luogonascita", "indirizzoresidenza",
		"email", "numerotelefono",
	} {
		if strings.Contains(plain, part) {
			return true
		}
	}
	return false
}
