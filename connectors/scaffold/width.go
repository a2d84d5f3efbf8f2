package scaffold

import (
	"strings"
	"unicode/utf8"
)

// widest is how many characters a line that is written has at most, where something can be broken.
const widest = 140

// note writes a comment behind prefix, as "    # ", in lines of at most widest characters. What goes on is indented within the
// comment; a word that is longer, as an address, stays whole.
func note(line func(string, ...any), prefix, text string) {
	row := prefix
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
			row += word
		case utf8.RuneCountInString(row)+1+utf8.RuneCountInString(word) > widest:
			line("%s", row)
			row = prefix + "  " + word
		default:
			row += " " + word
		}
	}
	line("%s", row)
}

// quotedAt returns a text in double quotes, as yamlText, for a place in column col. A line that would be wider than widest is
// broken: at single spaces, for which a line break stands in YAML, and within longer words with \ before the break (YAML 1.2,
// 7.3.1). Its other lines are indented by indent.
func quotedAt(s string, col, indent int) string { return brokenAt(yamlText(s), col, indent) }

// brokenAt is quotedAt of a text that is in double quotes already, with escapes as in JSON.
func brokenAt(quoted string, col, indent int) string {
	if col+utf8.RuneCountInString(quoted) <= widest {
		return quoted
	}
	var b strings.Builder
	margin := "\n" + strings.Repeat(" ", indent)
	room := max(widest-col, 20)
	for utf8.RuneCountInString(quoted) > room {
		space, end := breaks(quoted, room-1) // one for the \
		if space > 0 {
			b.WriteString(quoted[:space] + margin)
			quoted = quoted[space+1:]
		} else {
			b.WriteString(quoted[:end] + `\` + margin)
			quoted = quoted[end:]
			if quoted[0] == ' ' {
				quoted = `\` + quoted // what is not escaped at the begin of a line is left out
			}
		}
		room = max(widest-indent, 20)
	}
	b.WriteString(quoted)
	return b.String()
}

// breaks returns where the first line of a text in quotes may end, of at most most characters: at the last single space, 0 if
// there is none, and else at end, which is not within an escape.
func breaks(quoted string, most int) (space, end int) {
	for i, n := 0, 0; i < len(quoted); {
		var size int
		switch {
		case quoted[i] == '\\' && i+1 < len(quoted) && quoted[i+1] == 'u':
			size = 6
		case quoted[i] == '\\':
			size = 2
		default:
			_, size = utf8.DecodeRuneInString(quoted[i:])
		}
		if n += utf8.RuneCountInString(quoted[i:min(i+size, len(quoted))]); n > most {
			break
		}
		if quoted[i] == ' ' && i > 1 && quoted[i-1] != ' ' && quoted[i-1] != '\\' && i+2 < len(quoted) && quoted[i+1] != ' ' {
			space = i
		}
		i += size
		end = i
	}
	return space, end
}
