package fondaco

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// logLine is a line of the log that the code can write.
type logLine struct {
	level, message string
	fields         []string
	place          string // the package's folder
}

// logged finds the lines of the log in the sources.
type logged struct {
	lines []logLine
	files []*ast.File // of the folder that is looked at
	place string
}

// quietFolders are no part of the engine, or write no lines of its log.
var quietFolders = []string{"bench", "torture", "scripts", "examples", "docs"}

// logLines returns all lines that the engine can write, by message.
func logLines(t *testing.T) []logLine {
	t.Helper()
	var all logged
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if path != "." && strings.HasPrefix(d.Name(), ".") || slices.Contains(quietFolders, path) {
			return fs.SkipDir
		}
		return all.folder(path)
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(all.lines, func(a, b logLine) int {
		return cmp.Or(cmp.Compare(a.message, b.message), cmp.Compare(a.place, b.place))
	})
	return all.lines
}

// folder looks at the sources of one folder.
func (l *logged) folder(path string) error {
	names, err := filepath.Glob(filepath.Join(path, "*.go"))
	if err != nil {
		return err
	}
	l.place, l.files = filepath.ToSlash(path), nil
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		l.files = append(l.files, file)
	}
	for _, file := range l.files {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				ast.Inspect(f, func(n ast.Node) bool { l.call(f, n); return true })
			}
		}
	}
	return nil
}

// call takes up a call that writes a line: of a method Debug, Info, Warn or Error of what is called log or Log, or its LogAttrs, or of a variable
// that is such a method.
func (l *logged) call(in *ast.FuncDecl, n ast.Node) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return
	}
	line := logLine{place: l.place}
	by, ok := call.Fun.(*ast.SelectorExpr)
	if name, of := call.Fun.(*ast.Ident); of {
		by, ok = methodIn(in, name.Name)
	}
	if !ok || !strings.EqualFold(lastName(by.X), "log") {
		return
	}
	message, fields := 0, 1
	switch by.Sel.Name {
	case "Debug", "Info", "Warn", "Error":
		line.level = strings.ToLower(by.Sel.Name)
	case "LogAttrs":
		message, fields = 2, 3
		line.level = strings.ToLower(strings.TrimPrefix(lastName(call.Args[1]), "Level"))
	default:
		return
	}
	if call.Ellipsis.IsValid() {
		line.fields = attributes(in)
	}
	for i, arg := range call.Args[fields:] {
		if attr, ok := arg.(*ast.CallExpr); ok && fields == 3 && len(attr.Args) > 0 {
			line.fields = append(line.fields, textOf(attr.Args[0]))
		} else if fields == 1 && i%2 == 0 {
			line.fields = append(line.fields, textOf(arg))
		}
	}
	for _, text := range l.texts(in, call.Args[message]) {
		line.message = text
		l.lines = append(l.lines, line)
	}
}

// methodIn returns the method that a variable of a function is set to first.
func methodIn(in *ast.FuncDecl, variable string) (by *ast.SelectorExpr, ok bool) {
	ast.Inspect(in, func(n ast.Node) bool {
		if a, is := n.(*ast.AssignStmt); is && !ok && len(a.Lhs) == 1 && len(a.Rhs) == 1 && lastName(a.Lhs[0]) == variable {
			by, ok = a.Rhs[0].(*ast.SelectorExpr)
		}
		return !ok
	})
	return by, ok
}

// attributes lists the names of what a function makes of slog.Attr.
func attributes(in *ast.FuncDecl) (names []string) {
	ast.Inspect(in, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 2 {
			if by, ok := call.Fun.(*ast.SelectorExpr); ok && lastName(by.X) == "slog" {
				names = append(names, textOf(call.Args[0]))
			}
		}
		return true
	})
	return names
}

// lastName returns the last name of an expression as a.b.log, "" for another.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// texts returns what an expression can be in a function: a text, those that a variable is set to, or those that callers of the function, or
// of one that it declares, give for a parameter. "" is one that is not known.
func (l *logged) texts(in *ast.FuncDecl, e ast.Expr) (all []string) {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		for _, x := range l.texts(in, e.X) {
			for _, y := range l.texts(in, e.Y) {
				all = append(all, x+y)
			}
		}
		return all
	case *ast.Ident:
		all = append(given(in.Name.Name, in.Type, e.Name, l.files), assigned(in, e.Name)...)
		for _, name := range closures(in) {
			all = append(all, given(name.of, name.typ, e.Name, l.files)...)
		}
		if len(all) > 0 {
			return all
		}
	}
	return []string{textOf(e)}
}

// assigned lists the texts that a variable is set to in a function.
func assigned(in *ast.FuncDecl, variable string) (all []string) {
	ast.Inspect(in, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
			for i := range a.Lhs {
				if text := textOf(a.Rhs[i]); lastName(a.Lhs[i]) == variable && text != "" {
					all = append(all, text)
				}
			}
		}
		return true
	})
	return all
}

// closure is a function that another one declares.
type closure struct {
	of  string
	typ *ast.FuncType
}

func closures(in *ast.FuncDecl) (all []closure) {
	ast.Inspect(in, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Rhs) == 1 {
			if f, ok := a.Rhs[0].(*ast.FuncLit); ok {
				all = append(all, closure{lastName(a.Lhs[0]), f.Type})
			}
		}
		return true
	})
	return all
}

// given lists the texts that callers of a function give for a parameter.
func given(function string, typ *ast.FuncType, parameter string, files []*ast.File) (all []string) {
	at, i := -1, 0
	for _, field := range typ.Params.List {
		for _, name := range field.Names {
			if name.Name == parameter {
				at = i
			}
			i++
		}
	}
	if at < 0 {
		return nil
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && lastName(call.Fun) == function && at < len(call.Args) {
				if text := textOf(call.Args[at]); text != "" {
					all = append(all, text)
				}
			}
			return true
		})
	}
	return all
}
