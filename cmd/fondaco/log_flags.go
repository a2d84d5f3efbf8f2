package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fondaco/engine"
)

// logLevels are the words for levels of the log, as slog reads them.
var logLevels = []string{"debug", "info", "warn", "error"}

// logFormats are the words for how lines of the log are written.
var logFormats = []string{"json", "text"}

// logFlags say what the log has and how it is written, as they are given.
type logFlags struct{ level, format string }

// logForm is what the log has and how it is written.
type logForm struct {
	level slog.Level
	text  bool
}

// declare declares the flags; level is the word of what read takes for nothing.
func (l *logFlags) declare(c *cobra.Command, level string) {
	c.Flags().StringVar(&l.level, "log-level", "", "from which `LEVEL` on lines of the log are written: "+strings.Join(logLevels, ", ")+
		" (default: FONDACO_LOG_LEVEL, or "+level+")")
	c.Flags().StringVar(&l.format, "log-format", "", "in which `FORMAT` lines of the log are written: "+strings.Join(logFormats, " or ")+
		" (default: FONDACO_LOG_FORMAT, or text on a terminal and json elsewhere)")
}

// read returns what the flags say, or else the environment, or else level and what fits where the log goes to.
func (l *logFlags) read(w *engine.World, level slog.Level) (form logForm, err error) {
	form = logForm{level, w.Terminal}
	word, err := oneOf(w, l.level, "--log-level", "FONDACO_LOG_LEVEL", logLevels)
	if err != nil {
		return form, err
	}
	if word != "" {
		if err := form.level.UnmarshalText([]byte(word)); err != nil {
			return form, err
		}
	}
	if word, err = oneOf(w, l.format, "--log-format", "FONDACO_LOG_FORMAT", logFormats); word != "" {
		form.text = word == "text"
	}
	return form, err
}

// oneOf returns a flag's word, or else that of a variable of the environment; "" if neither is given. Both are one of a list.
func oneOf(w *engine.World, flag, name, variable string, words []string) (string, error) {
	word, where := flag, name
	if given, ok := w.Env(variable); ok && flag == "" {
		word, where = given, variable
	}
	if word != "" && !slices.Contains(words, word) {
		return "", fmt.Errorf("%s: found %q, expected one of %s", where, word, strings.Join(words, ", "))
	}
	return word, nil
}
