package postgres

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"fondaco/store"
	"fondaco/store/record"
)

// A text that PostgreSQL cannot hold, with a NUL or octets that are no UTF-8, is kept as its hexadecimal digits after this mark;
// one that begins with the mark as well. No two texts are kept alike.
const odd = "\x01"

func kept(text string) string {
	if utf8.ValidString(text) && !strings.Contains(text, "\x00") && !strings.HasPrefix(text, odd) {
		return text
	}
	return odd + hex.EncodeToString([]byte(text))
}

func given(text string) (string, error) {
	digits, was := strings.CutPrefix(text, odd)
	if !was {
		return text, nil
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		return "", fmt.Errorf("%w: a text of it", store.ErrDamaged)
	}
	return string(b), nil
}

// scanner is one row.
type scanner struct{ row pgx.Row }

// Scan reads the row's columns, and texts as they were given.
func (s scanner) Scan(to ...any) error {
	if err := s.row.Scan(to...); err != nil {
		return err
	}
	for _, one := range to {
		if text, is := one.(*string); is {
			var err error
			if *text, err = given(*text); err != nil {
				return err
			}
		}
	}
	return nil
}

// arguments are a statement's, with texts as they are kept, and no octets as none rather than as null.
func arguments(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case string:
			out[i] = kept(a)
		case []string:
			list := make([]string, len(a))
			for n := range a {
				list[n] = kept(a[n])
			}
			out[i] = list
		case []byte:
			out[i] = record.Blob(a)
		default:
			out[i] = a
		}
	}
	return out
}

// number writes the parameters of a statement as PostgreSQL reads them.
func number(text string) string {
	first, rest, more := strings.Cut(text, "?")
	var b strings.Builder
	b.WriteString(first)
	for n := 1; more; n++ {
		first, rest, more = strings.Cut(rest, "?")
		b.WriteString("$" + strconv.Itoa(n) + first)
	}
	return b.String()
}
