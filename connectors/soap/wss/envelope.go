package wss

import "strings"

// envelope is a message with its places found. There is one of each, at the one place where it may stand: whatever
// else bears the same name elsewhere is nothing to us (signature wrapping).
type envelope struct {
	root, header, body *node
	security           *node // the one that is for us
	parts              map[Parts]*node
}

// open finds the places. actor is a role that we play besides the usual ones, "" if none.
func open(message []byte, actor string) (*envelope, error) {
	root, err := parse(message)
	if err != nil {
		return nil, err
	}
	e := &envelope{root: root, parts: map[Parts]*node{}}
	list, only := root.elements()
	soap := root.space
	if len(list) == 2 && list[0].is(soap, "Header") {
		e.header, list = list[0], list[1:]
	}
	if root.local != "Envelope" || soap != soap11 && soap != soap12 || len(list) != 1 || !list[0].is(soap, "Body") || !only {
		return nil, refuse(NotEnvelope, "")
	}
	e.body = list[0]
	e.parts[Body] = e.body
	if e.header == nil {
		return e, nil
	}
	for _, h := range e.header.children {
		switch {
		case h.is(wsseSpace, "Security") && forUs(h, soap, actor):
			if e.security != nil {
				return nil, refuse(ManySecurity, "")
			}
			e.security = h
		case isAddressing(h.space):
			if err := e.addressing(h); err != nil {
				return nil, err
			}
		}
	}
	if e.security == nil {
		return e, nil
	}
	for part, name := range map[Parts][2]string{Timestamp: {wsuSpace, "Timestamp"}, Token: {wsseSpace, "BinarySecurityToken"}} {
		found, count := e.security.child(name[0], name[1])
		if count > 1 {
			return nil, refuse(PartTwice, part.String())
		}
		if found != nil {
			e.parts[part] = found
		}
	}
	return e, nil
}

// addressing keeps a header of WS-Addressing. Two of a name are refused, whichever version each is of: the parties
// could choose different ones.
func (e *envelope) addressing(h *node) error {
	for _, n := range partNames {
		if n.local == "" || n.local != h.local {
			continue
		}
		if e.parts[n.part] != nil {
			return refuse(PartTwice, n.name)
		}
		e.parts[n.part] = h
	}
	return nil
}

// forUs reports whether a header is meant for the one who takes the message at the end of its way.
func forUs(h *node, soap, actor string) bool {
	name := "actor"
	if soap == soap12 {
		name = "role"
	}
	role, _ := h.value(soap, name)
	switch role = trim(role); role {
	case "", "http://schemas.xmlsoap.org/soap/actor/next", soap12 + "/role/next", soap12 + "/role/ultimateReceiver":
		return true
	}
	return role == actor
}

// part returns the part that an element is, 0 for a header, or something in wsse:Security, that has no name here; false if
// the element is at no place where a signed one of its name may stand.
func (e *envelope) part(n *node) (Parts, bool) {
	for p, at := range e.parts {
		if at == n {
			return p, true
		}
	}
	named := n.is(e.root.space, "Body") || n.is(wsuSpace, "Timestamp") || n.is(wsseSpace, "BinarySecurityToken") || n == e.security
	for _, p := range partNames {
		named = named || p.local == n.local && isAddressing(n.space)
	}
	return 0, !named && n.parent != nil && (n.parent == e.header || n.parent == e.security)
}

// identifiers finds the elements that are called by wsu:Id or, in XML Signature, by Id. An identifier that stands
// twice is refused; other attributes that some parser might take for one count too where the signature uses theirs.
func (e *envelope) identifiers() (byID map[string]*node, others map[string]int, err error) {
	byID, others = map[string]*node{}, map[string]int{}
	e.root.walk(func(n *node) {
		for _, a := range n.attrs {
			if !strings.EqualFold(a.local, "Id") {
				continue
			}
			others[a.value]++
			if a.space == wsuSpace && a.local == "Id" {
				if byID[a.value] != nil {
					err = refuse(IdentifierTwice, "wsu:Id")
				}
				byID[a.value] = n
			}
		}
	})
	if err != nil {
		return nil, nil, err
	}
	return byID, others, nil
}
