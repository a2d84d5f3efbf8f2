package config

import "strings"

// weigh returns about how many nodes a YAML text has, and the line at which they exceed limit, 0 if they do not. It never
// counts much fewer than the parser would make: the signs that begin keys, values and items count without regard to quotes, so
// that text in quotes may count for more. The lines of literal and folded blocks are left out where it is certain that
// they are such.
func weigh(text string, limit int) (count, line int) {
	count, number, certain := 1, 0, true
	for i := 0; i < len(text); {
		row := lineAt(text, i)
		number++
		if count += signs(row); count > limit {
			return count, number
		}
		i += len(row) + 1
		certain = certain && closed(row)
		if !certain {
			continue
		}
		if indent := blockIndent(row); indent >= 0 {
			for i < len(text) {
				inner := lineAt(text, i)
				if blank := strings.TrimLeft(inner, " \r"); blank != "" && indentOf(inner) <= indent {
					break
				}
				i += len(inner) + 1
				number++
			}
		}
	}
	return count, 0
}

// lineAt returns the line that begins at i, without its end.
func lineAt(text string, i int) string {
	if end := strings.IndexByte(text[i:], '\n'); end >= 0 {
		return text[i : i+end]
	}
	return text[i:]
}

// signs returns how many nodes the signs of a line may begin.
func signs(line string) int {
	n := 0
	for i := range len(line) {
		switch line[i] {
		case ',':
			n += 2 // {a, b}: a key without a value has two
		case '[', '{':
			n++
		case ':':
			if i+1 == len(line) || strings.IndexByte(" \t\r,[]{}", line[i+1]) >= 0 || i > 0 && (line[i-1] == '"' || line[i-1] == '\'') {
				n += 2
			}
		case '-', '?':
			if i+1 == len(line) || strings.IndexByte(" \t\r", line[i+1]) >= 0 {
				n += 2
			}
		}
	}
	return n
}

// closed reports whether it is certain that no quote and no bracket is open behind the line, if none was before it.
func closed(line string) bool {
	double, single := strings.Count(line, `"`), strings.Count(line, `'`)
	brackets := strings.ContainsAny(line, "[]{}")
	switch {
	case double+single > 0 && (brackets || strings.ContainsAny(line, `\#`) || double > 0 && single > 0):
		return false
	case double%2+single%2 > 0:
		return false
	case brackets:
		return !strings.Contains(line, "#") && strings.Count(line, "[") == strings.Count(line, "]") &&
			strings.Count(line, "{") == strings.Count(line, "}")
	}
	return true
}

// blockIndent returns the indentation beyond which the lines after this one are the text of a block, -1 if the line does
// not end in the head of one.
func blockIndent(line string) int {
	head := strings.TrimRight(line, " \r")
	head = strings.TrimSuffix(strings.TrimSuffix(head, "-"), "+")
	if !strings.HasSuffix(head, " |") && !strings.HasSuffix(head, " >") {
		return -1
	}
	head = head[:len(head)-2]
	indent, dash := indentOf(head), -1
	for strings.HasPrefix(head[indent:], "- ") || head[indent:] == "-" {
		dash = indent
		indent += 1 + indentOf(head[indent+1:])
	}
	switch {
	case indent == len(head): // - |
		return dash
	case strings.HasSuffix(head, ":") && head[indent] != '?':
		return indent
	}
	return -1
}
