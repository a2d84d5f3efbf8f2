package funcs

// monthNames and dayNames have the names by language, as Unicode's CLDR writes them within a date.
var monthNames = map[string]struct{ long, short [12]string }{
	"it": {
		[12]string{
			"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre",
			"dicembre",
		},
		[12]string{"gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"},
	},
	"en": {
		[12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		[12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	},
}

var dayNames = map[string]struct{ long, short [7]string }{
	"it": {
		[7]string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
		[7]string{"dom", "lun", "mar", "mer", "gio", "ven", "sab"},
	},
	"en": {
		[7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		[7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
	},
}

// namesOf returns the names that letters (MMMM, MMM, EEEE, EEE) stand for in a language.
func namesOf(lang, letters string) []string {
	months, days := monthNames[lang], dayNames[lang]
	switch letters {
	case "MMMM":
		return months.long[:]
	case "MMM":
		return months.short[:]
	case "EEEE":
		return days.long[:]
	}
	return days.short[:]
}
