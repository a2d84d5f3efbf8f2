package wss

import (
	"crypto/subtle"
	"slices"
	"strings"
)

const (
	maxReferences = 32 // far more than there are parts: each costs a digest
	maxInclusive  = 64 // prefixes of one InclusiveNamespaces
)

// signature is a ds:Signature that was read.
type signature struct {
	algorithm  Algorithm
	inclusive  []string
	references []reference
	info       *node // ds:SignedInfo
	value      []byte
	key        *node // ds:KeyInfo
}

// reference is a ds:Reference with its one transform.
type reference struct {
	id        string
	inclusive []string
	digest    string // algorithm
	value     []byte
}

// readSignature reads a signature. What XML Signature has besides (objects, manifests, other transforms, parameters)
// is refused: every one of them has served to sign less than it seemed.
func readSignature(n *node) (*signature, error) {
	bad := refuse(SignatureForm, "")
	list, only := n.elements()
	if len(list) != 3 || !only || !list[0].is(dsSpace, "SignedInfo") || !list[1].is(dsSpace, "SignatureValue") ||
		!list[2].is(dsSpace, "KeyInfo") {
		return nil, bad
	}
	s := &signature{info: list[0], key: list[2]}
	var err error
	if s.value, err = unbase64(list[1]); err != nil {
		return nil, bad
	}
	list, only = s.info.elements()
	if len(list) < 3 || len(list) > 2+maxReferences || !only || !list[0].is(dsSpace, "CanonicalizationMethod") ||
		!list[1].is(dsSpace, "SignatureMethod") {
		return nil, bad
	}
	if s.inclusive, err = readCanonical(list[0], AlgorithmRefused); err != nil {
		return nil, err
	}
	method, _ := list[1].value("", "Algorithm")
	s.algorithm = Algorithm(method)
	if text, ok := list[1].content(); !ok || text != "" { // HMACOutputLength, parameters of PSS
		return nil, refuse(AlgorithmRefused, "ds:SignatureMethod")
	}
	for _, r := range list[2:] {
		ref, err := readReference(r)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(s.references, func(o reference) bool { return o.id == ref.id }) {
			return nil, refuse(ReferenceTwice, "")
		}
		s.references = append(s.references, ref)
	}
	return s, nil
}

func readReference(n *node) (r reference, err error) {
	bad := refuse(SignatureForm, "ds:Reference")
	list, only := n.elements()
	uri, _ := n.value("", "URI")
	id, local := strings.CutPrefix(uri, "#")
	if !n.is(dsSpace, "Reference") || !only || !local || id == "" || strings.ContainsAny(id, "() '\"") {
		return r, bad
	}
	if len(list) == 0 || !list[0].is(dsSpace, "Transforms") { // without any, the default would be inclusive
		return r, refuse(TransformRefused, "")
	}
	if len(list) != 3 || !list[1].is(dsSpace, "DigestMethod") || !list[2].is(dsSpace, "DigestValue") {
		return r, bad
	}
	r.id = id
	transforms, only := list[0].elements()
	if len(transforms) != 1 || !only || !transforms[0].is(dsSpace, "Transform") {
		return r, refuse(TransformRefused, "")
	}
	if r.inclusive, err = readCanonical(transforms[0], TransformRefused); err != nil {
		return r, err
	}
	r.digest, _ = list[1].value("", "Algorithm")
	if text, ok := list[1].content(); !ok || text != "" || digests[r.digest] == 0 {
		return r, refuse(AlgorithmRefused, "ds:DigestMethod")
	}
	if r.value, err = unbase64(list[2]); err != nil {
		return r, bad
	}
	return r, nil
}

// readCanonical reads an element that must say exclusive canonicalization, and returns its InclusiveNamespaces.
func readCanonical(n *node, otherwise Reason) ([]string, error) {
	bad := refuse(otherwise, "ds:"+n.local)
	list, only := n.elements()
	if method, _ := n.value("", "Algorithm"); method != exclusive || len(list) > 1 || !only {
		return nil, bad
	}
	if len(list) == 0 {
		return nil, nil
	}
	prefixes, _ := list[0].value("", "PrefixList")
	if text, ok := list[0].content(); !list[0].is(exclusive, "InclusiveNamespaces") || !ok || text != "" {
		return nil, bad
	}
	inclusive := prefixList(prefixes)
	if len(inclusive) > maxInclusive {
		return nil, bad
	}
	return inclusive, nil
}

// prefixList reads a PrefixList: "" stands for #default.
func prefixList(list string) []string {
	prefixes := strings.Fields(list)
	for i, p := range prefixes {
		if p == "#default" {
			prefixes[i] = ""
		}
	}
	return prefixes
}

// check canonicalizes what the reference is about, and returns those bytes if their digest is the one in the reference.
func (r *reference) check(n *node) ([]byte, error) {
	b := canonical(nil, n, r.inclusive)
	if subtle.ConstantTimeCompare(sum(digests[r.digest], b), r.value) != 1 {
		return nil, refuse(DigestWrong, "")
	}
	return b, nil
}
