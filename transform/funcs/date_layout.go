package funcs

import (
	"strings"
	"time"
)

// DateForm is a form of days, as "dd/MM/yyyy", for those who read and write dates outside of expressions. It is safe for concurrent use.
type DateForm struct{ form dateForm }

// NewDateForm reads a form, whose letters are those of the function parseDate. language is that of the names of months and days, ""
// for none. The error says what is wrong with the form, or that it does not tell a day.
func NewDateForm(form, language string) (*DateForm, error) {
	f, err := readDateForm(form, language)
	if err != nil {
		return nil, err
	}
	return &DateForm{f}, f.readable(form)
}

// HasLanguage reports whether names of months and days are known in a language.
func HasLanguage(language string) bool { return hasNames(language) }

// Timed reports whether the form holds a time of day or an offset.
func (f *DateForm) Timed() bool {
	for _, e := range f.form {
		if e.letters != "" && strings.ContainsRune("HmsSX", rune(e.letters[0])) {
			return true
		}
	}
	return false
}

// Read returns the day that a text in the form names. The error does not show the text.
func (f *DateForm) Read(s string) (time.Time, error) { return f.form.read(s) }

// Write returns a day in the form.
func (f *DateForm) Write(t time.Time) string { return f.form.write(t) }
