package soap

import (
	"errors"
	"mime"
	"strings"
)

var errParams = errors.New("a media type whose parameters cannot be read")

// mediaType reads a Content-Type. Where its parameters are written without the quotes that they need, as
// boundary=----=_Part_1.2 and type=text/xml are by many, they are read up to the next semicolon; one that stands twice is refused.
func mediaType(contentType string) (media string, params map[string]string, err error) {
	media, params, err = mime.ParseMediaType(contentType)
	if err == nil || contentType == "" {
		return media, params, err
	}
	head, rest, _ := strings.Cut(contentType, ";")
	media, params = strings.ToLower(strings.TrimSpace(head)), map[string]string{}
	if strings.Count(media, "/") != 1 || strings.ContainsAny(media, " \t\"") {
		return "", nil, err
	}
	for rest != "" {
		key, after, found := strings.Cut(rest, "=")
		if !found {
			break
		}
		after = strings.TrimSpace(after)
		var value string
		if quoted, is := strings.CutPrefix(after, `"`); is {
			if value, rest, found = strings.Cut(quoted, `"`); !found {
				return "", nil, errParams
			}
			_, rest, _ = strings.Cut(rest, ";")
		} else {
			value, rest, _ = strings.Cut(after, ";")
		}
		key = strings.ToLower(strings.TrimSpace(key))
		if _, twice := params[key]; twice || key == "" {
			return "", nil, errParams
		}
		params[key] = strings.TrimSpace(value)
	}
	return media, params, nil
}
