package funcs

import (
	"fmt"
	"strings"
	"time"

	"fondaco/schema"
)

// DateForm is a form of days or of moments, as "dd/MM/yyyy HH:mm", for those who read and write dates outside of expressions. It is
// safe for concurrent use.
type DateForm struct{ form dateForm }

// NewDateForm reads a form, whose letters are those of the function parseDate. language is that of the names of months and days, ""
// for none. The error says what is wrong with the form, or that it does not tell a day.
func NewDateForm(form, language string) (*DateForm, error) {
	f, err := readDateForm(form, language)
	if err != nil {
		return nil, err
	}
	for _, e := range f {
		if e.letters == "XXX" {
			return nil, fmt.Errorf("the form %q has an offset (XXX), and no moment is read by it", form)
		}
	}
	return &DateForm{f}, f.readable(form)
}

// HasLanguage reports whether names of months and days are known in a language.
func HasLanguage(language string) bool { return hasNames(language) }

// Timed reports whether the form holds a time of day.
func (f *DateForm) Timed() bool {
	for _, e := range f.form {
		if e.letters != "" && strings.ContainsRune("HmsS", rune(e.letters[0])) {
			return true
		}
	}
	return false
}

// Read returns the day, or the moment in UTC, that a text in the form names. The error does not show the text.
func (f *DateForm) Read(s string) (time.Time, error) { return f.form.read(s) }

// ReadIn is Read for a moment by the clocks of a zone. A time that the clocks leave out is an error; of one that they show twice it
// is the earlier moment.
func (f *DateForm) ReadIn(s string, in *time.Location) (time.Time, error) {
	t, err := f.form.read(s)
	if err != nil {
		return t, err
	}
	moment, there := schema.OnClocks(t, in)
	if !there {
		return t, errNotOfForm
	}
	return moment, nil
}

// Write returns a day or a moment in the form.
func (f *DateForm) Write(t time.Time) string { return f.form.write(t) }
