package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/connectors/mask"
	"fondaco/engine"
	"fondaco/routes"
	"fondaco/schema"
	"fondaco/transform/codec"

	"github.com/spf13/cobra"
)

// errUsage ends a command that has said itself what it was given wrong.
var errUsage = errors.New("not understood")

// maxInput is how large the JSON of a call may be.
const maxInput = 64 << 20

// callFlags are what a call is told.
type callFlags struct {
	with, project, secrets, format         string
	wire, yes, simulated, personal, sample bool
	timeout                                time.Duration
}

func callCommand(w *engine.World) *cobra.Command {
	f := callFlags{with: "", project: ".", format: "text", timeout: 30 * time.Second}
	c := &cobra.Command{
		Use:   "call SYSTEM.OPERATION",
		Short: "Call one operation of a system once, and show its answer and what went over the wire",
		Long: `Call one operation of a system once, and show its answer and what went over the wire.

The input is JSON, as routes write it: a file, or - for the standard input; nothing is {}. It is held to the
operation's input type first: all that is wrong is told, and nothing is sent. There are no policies: no retry,
no cache, no fallback. Secrets are never shown, personal data only with --personal.

Exit code 0 if the system answered, 1 if there is a fault, 2 if nothing was sent because of the command or the input.`,
		Example: `  fondaco call polizia-locale.elencoVerbali --sample > in.json    an input to start from
  fondaco call polizia-locale.elencoVerbali --with in.json --simulated
  fondaco call polizia-locale.elencoVerbali --with in.json | jq '.verbali[0]'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("found %d operations, expected one, as SYSTEM.OPERATION", len(args))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if f.format != "text" && f.format != "json" {
				return usageError{fmt.Errorf("--format: found %q, expected text or json", f.format)}
			}
			if !c.Flags().Changed("wire") {
				f.wire = w.Terminal && f.format == "text"
			}
			return call(c.Context(), w, args[0], f)
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.with, "with", f.with, "the input in JSON: a file, or - for the standard input")
	flags.StringVar(&f.project, "project", f.project, "the project's folder")
	flags.StringVar(&f.secrets, "secrets", "", "a folder with a file for each secret")
	flags.StringVar(&f.format, "format", f.format, "text, or json for tools")
	flags.BoolVar(&f.wire, "wire", false, "show what went over the wire, on the standard error; as it is on a terminal")
	flags.BoolVar(&f.yes, "yes", false, "call it even if its effect is once: it may change something in the system")
	flags.BoolVar(&f.simulated, "simulated", false, "call the system's simulator instead")
	flags.BoolVar(&f.personal, "personal", false, "show personal data")
	flags.BoolVar(&f.sample, "sample", false, "print an input that fits, with as many fields as go together, and call nothing")
	flags.DurationVar(&f.timeout, "timeout", f.timeout, "how long the call may take")
	return c
}

// call carries the command out.
func call(ctx context.Context, w *engine.World, target string, f callFlags) error {
	p, err := engine.OpenFolder(w, f.project, f.secrets)
	if err != nil {
		return err
	}
	defer p.Close()
	known := hearSystem(p)
	if f.simulated {
		p.MadeUp(w)
	}
	sys, op, err := operationOf(p, w, target)
	if err != nil {
		return err
	}
	if f.sample {
		return sample(w, sys.Connector, op)
	}
	if op.Effect == connectors.Once && !f.yes && !f.simulated {
		return usageError{fmt.Errorf("%s has the effect once: it changes something in the system each time. Say --yes to call it, or --simulated",
			target)}
	}
	in, err := readInput(w, op, f)
	if err != nil {
		return err
	}
	if f.simulated {
		s := &engine.Simulators{}
		defer s.Close()
		var out diag.List
		if err := s.Simulate(sys, &out); err != nil {
			return err
		}
		p.Show(w, &out)
	}
	o := outcome{target: target, op: op, mask: mask.New(sys.Connector, !f.personal)}
	o.mask.Value(in, op.Input)
	o.run(ctx, w, sys, in, f.timeout)
	for _, text := range known() {
		o.mask.Secret(text)
	}
	for _, param := range sys.Connector.Params {
		if text, secret, err := sys.Param(param.Name); err == nil && secret {
			o.mask.Secret(text)
		}
	}
	return o.print(w, sys.Connector, f)
}

// hearSystem notes the secrets that are looked up from here on; the function that it returns lists them.
func hearSystem(p *engine.Folder) func() []string {
	var mu sync.Mutex
	var heard []string
	ask := p.Source.Secrets
	p.Source.Secrets = func(name string) (config.Secret, bool, error) {
		s, ok, err := ask(name)
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, s.Reveal())
		return s, ok, err
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return heard
	}
}

// operationOf finds an operation by SYSTEM.OPERATION. The project's routes may be wrong as yet; its systems may not.
func operationOf(p *engine.Folder, w *engine.World, target string) (*connectors.System, *connectors.Operation, error) {
	system, name, found := strings.Cut(target, ".")
	if !found || system == "" || name == "" {
		return nil, nil, usageError{fmt.Errorf("found %q, expected SYSTEM.OPERATION", target)}
	}
	var out diag.List
	m := routes.Load(p.Source, all.Protocols, &out)
	if len(m.Systems) == 0 && !out.Failed() {
		return nil, nil, errors.New("the project has no systems")
	}
	sys := m.System(system)
	if sys == nil || sys.Connector == nil {
		if out.Failed() {
			p.Show(w, &out)
			return nil, nil, errFailed
		}
		var names []string
		for _, s := range m.Systems {
			names = append(names, s.Name)
		}
		return nil, nil, usageError{fmt.Errorf("there is no system %q%s", system, diag.DidYouMean(system, names))}
	}
	guard, err := m.Network()
	if err != nil {
		return nil, nil, err
	}
	sys.Guard(guard)
	op := sys.Connector.Operation(name)
	if op == nil {
		return nil, nil, usageError{fmt.Errorf("system %s has no operation %q%s", system, name,
			diag.DidYouMean(name, sys.Connector.OperationNames()))}
	}
	if op.Input.Kind == schema.KindUnknown || op.Output.Kind == schema.KindUnknown {
		p.Show(w, &out)
		return nil, nil, errFailed
	}
	return sys, op, nil
}

// sample prints an input that fits.
func sample(w *engine.World, c *connectors.Connector, op *connectors.Operation) error {
	v, err := c.Sample(op)
	if err != nil {
		return err
	}
	m := mask.New(&connectors.Connector{}, false)
	fmt.Fprintf(w.Stdout, "%s\n", m.JSON(v, nil))
	return nil
}

// readInput reads the input and holds it to the operation's type.
func readInput(w *engine.World, op *connectors.Operation, f callFlags) (schema.Value, error) {
	data, name, err := []byte("{}"), "the input", error(nil)
	switch f.with {
	case "":
	case "-":
		if w.Stdin == nil {
			return schema.Value{}, usageError{errors.New("there is no standard input")}
		}
		name = "the standard input"
		data, err = io.ReadAll(io.LimitReader(w.Stdin, maxInput+1))
	default:
		name = f.with
		data, err = readLimited(w.Path(f.with))
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return schema.Value{}, usageError{fmt.Errorf("--with: there is no file %s; expected a file of JSON, or - for the standard input", f.with)}
	case err != nil:
		return schema.Value{}, fmt.Errorf("read %s: %w", name, err)
	case len(data) > maxInput:
		return schema.Value{}, usageError{fmt.Errorf("%s has more than %d bytes", name, maxInput)}
	}
	v, err := codec.CompileJSON(op.Input, codec.JSONOptions{NullAbsent: true}).Decode(data)
	var wrong schema.Violations
	switch {
	case err == nil:
		return v, nil
	case errors.As(err, &wrong):
		if f.format == "json" {
			return v, tellViolations(w, wrong)
		}
		for _, x := range wrong {
			fmt.Fprintf(w.Stderr, "%s: %v\n", name, x)
		}
		fmt.Fprintf(w.Stderr, "The input of %s is %s\nNothing was sent. --sample prints an input that fits.\n", op.Name, op.Input.Whole())
		return v, errUsage
	}
	return v, usageError{fmt.Errorf("%s is not JSON: %w", name, err)}
}

func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, maxInput+1))
}

// outcome is what came of a call.
type outcome struct {
	target string
	op     *connectors.Operation
	mask   *mask.Mask
	answer schema.Value
	err    error
	took   time.Duration
	let    int64 // how much of the answer was not as its schema says, and let pass
	mu     sync.Mutex
	trips  []*connectors.Trip
}

// run opens the system, calls the operation once and closes the system.
func (o *outcome) run(ctx context.Context, w *engine.World, sys *connectors.System, in schema.Value, timeout time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ctx = connectors.WithTap(ctx, func(t *connectors.Trip) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.trips = append(o.trips, t)
	})
	caller, err := sys.Open(ctx, connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: w.Now})
	if err != nil {
		o.err = err
		return
	}
	defer caller.Close()
	do, err := caller.Call(o.op, o.op.Output)
	if err != nil {
		o.err = err
		return
	}
	began, before := w.Now(), sys.Tolerated()
	o.answer, o.err = do(ctx, in)
	o.took, o.let = w.Now().Sub(began), sys.Tolerated()-before
	if o.err == nil {
		o.mask.Value(o.answer, o.op.Output)
	}
}
