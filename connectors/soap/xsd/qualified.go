package xsd

import (
	"errors"
	"strconv"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// A value of QName is a name in a namespace (XML Schema Part 2, §3.2.18): its prefix means something only where it stands. As text it is
// {namespace}local, or local alone where it is in no namespace.

var (
	errUnbound   = errors.New("a name whose prefix is bound to a namespace")
	errQualified = errors.New("a name of XML, as codice, or {urn:example}codice in a namespace")
)

// expanded returns what a text of a system says, with the names in it in the form of values; space is what a prefix is bound to.
func (l *lexical) expanded(text string, space func(prefix string) (string, bool)) (string, error) {
	switch {
	case l.form == formQName:
		name := Collapse(text)
		if strings.HasPrefix(name, "{") {
			return name, nil // a default of the schema
		}
		prefix, local, found := strings.Cut(name, ":")
		if !found {
			prefix, local = "", name
		}
		ns, ok := space(prefix)
		switch {
		case !ok:
			return text, Violation("type", errUnbound.Error(), "")
		case ns == "" || name == "":
			return local, nil
		}
		return "{" + ns + "}" + local, nil
	case l.item != nil && l.item.form == formQName:
		words := strings.Fields(text)
		for i, word := range words {
			name, err := l.item.expanded(word, space)
			if err != nil {
				return text, Within(err, strconv.Itoa(i))
			}
			words[i] = name
		}
		return strings.Join(words, " "), nil
	}
	return text, nil
}

// tokenForm returns the form of a built-in type of text whose white space is collapsed.
func tokenForm(local string) form {
	if local == "QName" {
		return formQName
	}
	return formToken
}

// textPrefix begins the prefixes of names in an element's text, beside those of its attributes, which begin with a.
const textPrefix = "q"

// expandedIn returns the qualified name in an attribute in the form of values, "" if it has no prefix or an unknown one.
func (e *Element) expandedIn(attribute string) string {
	n := e.QName(attribute)
	if n.Space == "" || n.Local == "" {
		return ""
	}
	return "{" + n.Space + "}" + n.Local
}

// names reports whether values of a type are qualified names.
func (l *lexical) names() bool {
	return l != nil && (l.form == formQName || l.item != nil && l.item.form == formQName)
}

// qualified returns a value with prefixes in the place of namespaces, and appends their declarations, each with a blank before it.
// Prefixes begin with start, which nothing else in the element's tag does.
func (l *lexical) qualified(dst []byte, v schema.Value, start string) ([]byte, schema.Value, error) {
	switch {
	case !l.names():
	case v.Kind() == schema.KindList:
		items := make([]schema.Value, v.Len())
		for i, x := range v.Items() {
			var err error
			if dst, items[i], err = l.item.qualified(dst, x, start+strconv.Itoa(i)+"."); err != nil {
				return dst, v, Within(err, strconv.Itoa(i))
			}
		}
		return dst, schema.List(items), nil
	case v.Kind() == schema.KindText && l.form == formQName:
		name := v.Str()
		if !strings.HasPrefix(name, "{") {
			if !nameOf(name, false, true) {
				return dst, v, Violation("type", errQualified.Error(), "")
			}
			// Without a prefix it would be in the default namespace, if there were one: messages declare none.
			return dst, v, nil
		}
		end := strings.LastIndexByte(name, '}')
		if end < 2 || !nameOf(name[end+1:], false, true) || !codec.XMLTextOK(name) {
			return dst, v, Violation("type", errQualified.Error(), "")
		}
		dst = append(append(append(dst, " xmlns:"...), start...), `="`...)
		dst = append(codec.AppendXMLAttr(dst, name[1:end]), '"')
		return dst, schema.Text(start + ":" + name[end+1:]), nil
	}
	return dst, v, nil
}
