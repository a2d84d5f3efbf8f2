package expr

import "github.com/expr-lang/expr/parser"

// Parsed holds expressions that were parsed, by their text: the same one may be typed several times, over other types.
// The zero value is empty. It is not safe for concurrent use.
type Parsed struct{ trees map[string]*parser.Tree }

// Reuse has expressions over s, and over scopes within it, parsed once as far as p has them.
func (s *Scope) Reuse(p *Parsed) { s.root.parsed = p }

// tree parses an expression. The tree is never changed.
func (p *Parsed) tree(text string) (*parser.Tree, error) {
	if p == nil {
		return parser.Parse(text)
	}
	if tree := p.trees[text]; tree != nil {
		return tree, nil
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, err
	}
	if p.trees == nil {
		p.trees = map[string]*parser.Tree{}
	}
	p.trees[text] = tree
	return tree, nil
}
