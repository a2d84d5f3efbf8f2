package diag

// Code names a kind of problem, as E104. Docs explains each with an example that a test proves;
// "fondaco help E104" prints it.
type Code string

// The codes, by the part that finds them. Numbers are never used twice.
const (
	// E0xx: files and YAML.
	BadYAML      Code = "E001" // the text is not YAML
	DuplicateKey Code = "E002" // a key stands twice in one mapping
	BadFile      Code = "E003" // a file is missing, too large, not a file, or outside the project

	// E1xx: fields.
	UnknownField  Code = "E101" // a field that nobody knows
	MissingField  Code = "E102" // a required field is not there
	WrongType     Code = "E103" // another kind of value was expected
	BadValue      Code = "E104" // a value out of its range or form
	BadReference  Code = "E105" // ${env.X}, ${secret.x} or ${param.x} that cannot be
	LiteralSecret Code = "E106" // a secret is written into a file

	// E2xx: expressions and mappings.
	BadExpression   Code = "E201" // the text is not an expression
	UnknownName     Code = "E202" // a name that is not in scope
	UnknownMember   Code = "E203" // a field that the value does not have
	TypeMismatch    Code = "E204" // operands, arguments or results of the wrong type
	MaybeNil        Code = "E205" // a value that may be nil is used as if it were there
	UnknownFunction Code = "E206" // a function that does not exist
	TooCostly       Code = "E207" // an expression too large or too deep
	SecretLeak      Code = "E208" // a secret would leave by an answer, a log or a message

	// E3xx: systems and connectors.
	UnknownSystem    Code = "E301" // a call names a system that the project does not have
	UnknownOperation Code = "E302" // a system has no such operation
	BadConnector     Code = "E303" // a connector that contradicts itself or its documents
	BadSchema        Code = "E304" // a WSDL, XSD, OpenAPI document or JSON Schema that cannot be read
	UnsafeRetry      Code = "E305" // a retry of an operation that must happen once

	// E4xx: routes.
	BadRoute       Code = "E401" // a route that contradicts itself
	DuplicateRoute Code = "E402" // two routes of one name, or of one method and path
	MissingAuth    Code = "E403" // a route without auth
	UnknownRoute   Code = "E404" // a step names a route that is not there, or routes call each other in a circle
	DegradedAnswer Code = "E405" // an optional branch whose absence the answer does not name
	Contract       Code = "E406" // the route and the given OpenAPI document disagree
	DoesNotFit     Code = "E407" // what is sent or answered does not fit its type
	UnknownTopic   Code = "E408" // a topic that fondaco.yaml does not declare

	UnknownSequence Code = "E409" // a sequence that fondaco.yaml does not declare

	UnknownProblem Code = "E410" // a problem that fondaco.yaml does not declare
)
