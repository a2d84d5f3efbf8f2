package xsd_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
)

// heldMessage is a message that is held to its schema.
type heldMessage struct {
	Name string `json:"name"`
	XML  string `json:"xml"`
}

// heldTask are the messages of one WSDL.
type heldTask struct {
	WSDL     string        `json:"wsdl"`
	Messages []heldMessage `json:"messages"`
}

// heldVerdict is what libxml2 says of them.
type heldVerdict struct {
	WSDL   string
	Judged int
	Why    string // the schemas cannot be compiled
	Wrong  []struct{ Name, Why string }
}

const python = "../../../.tools/python/bin/python"

// TestConformanceXSD makes messages of the operations of every WSDL at hand and holds them to its schemas as libxml2 reads them.
func TestConformanceXSD(t *testing.T) {
	if testing.Short() {
		t.Skip("the suites are large, and read for some seconds")
	}
	if _, err := os.Stat("../../../.tools/python/whole"); err != nil {
		t.Skip("libxml2 is absent: make wider fetches it with zeep and spyne")
	}
	const suites = "../../../../shared/suites/wsdl"
	if _, err := os.Stat(suites); err != nil {
		t.Skip("the suites of other implementations are absent: ", suites)
	}
	var in bytes.Buffer
	files, made := 0, 0
	for _, folder := range []string{suites, "../../../../shared/specs"} {
		for _, task := range heldTasks(t, folder) {
			line, err := json.Marshal(task)
			if err != nil {
				t.Fatal(err)
			}
			in.Write(append(line, '\n'))
			files++
			made += len(task.Messages)
		}
	}
	cmd := exec.Command(python, "../peers/held_to_xsd.py")
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	listed, found := heldExceptions(t), map[string]int{}
	judged, unread, wrong := 0, 0, 0
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var v heldVerdict
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		if v.Why != "" {
			unread++
			t.Logf("libxml2 does not read %s: %.200s", v.WSDL, v.Why)
		}
		judged += v.Judged
		for _, x := range v.Wrong {
			said := shorter(v.WSDL) + " " + x.Name + ": " + x.Why
			i := slices.IndexFunc(listed, func(words string) bool { return strings.Contains(said, words) })
			if i < 0 {
				wrong++
				t.Errorf("%.500s", said)
				continue
			}
			found[listed[i]]++
		}
	}
	excepted := 0
	for _, words := range listed {
		if excepted += found[words]; found[words] == 0 && os.Getenv("FONDACO_CONFORMANCE") == "whole" {
			t.Errorf("testdata/held.txt has %q, and libxml2 says it of nothing", words)
		}
	}
	t.Logf("conformance: wsdl messages held to XSD by libxml2 files %d of which it does not read %d, messages %d judged %d excepted "+
		"%d wrong %d",
		files, unread, made, judged, excepted, wrong)
	if judged == 0 {
		t.Error("nothing was judged")
	}
}

// shorter returns a file by what follows shared.
func shorter(file string) string {
	_, after, _ := strings.Cut(filepath.ToSlash(file), "/shared/")
	return after
}

// heldExceptions reads the words that testdata/held.txt lists with their causes.
func heldExceptions(t *testing.T) (list []string) {
	t.Helper()
	text, err := os.ReadFile("testdata/held.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if words, _, ok := strings.Cut(strings.TrimSpace(line), " | "); ok && line[0] != '#' {
			list = append(list, words)
		}
	}
	return list
}

// heldTasks makes messages of the WSDLs in a folder that load: of each of them, or of some unless FONDACO_CONFORMANCE is whole.
func heldTasks(t *testing.T, folder string) (tasks []heldTask) {
	t.Helper()
	fsys, count := os.DirFS(folder), 0
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".wsdl" {
			return err
		}
		if count++; count%16 != 0 && os.Getenv("FONDACO_CONFORMANCE") != "whole" {
			return nil
		}
		full, err := filepath.Abs(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		if messages := heldMessages(fsys, name); len(messages) > 0 {
			tasks = append(tasks, heldTask{full, messages})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tasks
}

// heldMessages makes messages of one WSDL: those of one element, literal.
func heldMessages(fsys fs.FS, name string) (list []heldMessage) {
	sides := bodiesOf(fsys, name)
	for i, s := range sides {
		if s.b == nil || s.b.Empty || s.b.Several || s.b.Encoding != "" || len(s.b.Attached) > 0 {
			continue
		}
		made := 0
		for turn := uint64(0); turn < 20 && made < 2; turn++ { // not every value that is made keeps within lengths and patterns
			v, ok := xsd.MakeValue(s.b.Plan, uint64(i), turn)
			if !ok || schema.Check(v, s.b.Plan.Type()) != nil {
				continue
			}
			if data, err := wrote(s.b, &xsd.Writing{}, v); err == nil {
				list = append(list, heldMessage{s.name, string(data)})
				made++
			}
		}
	}
	return list
}
