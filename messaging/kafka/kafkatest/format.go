package kafkatest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// formatted holds what formatting writes into a node's folder, by the jars that wrote it. It is the same for each node without users, and
// takes a Java machine a second to write.
var formatted = struct {
	sync.Mutex
	byJars map[string]map[string][]byte
}{byJars: map[string]map[string][]byte{}}

// format formats the folder of a node: by Kafka's own tool the first time and where there are users, by a copy of that otherwise.
func (s *Server) format(users []string) error {
	if len(users) > 0 {
		_, err := s.formatByTool(users)
		return err
	}
	formatted.Lock()
	defer formatted.Unlock()
	files := formatted.byJars[s.lib]
	if files == nil {
		files, err := s.formatByTool(nil)
		if err == nil {
			formatted.byJars[s.lib] = files
		}
		return err
	}
	if err := os.Mkdir(filepath.Join(s.dir, "data"), 0o700); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(s.dir, "data", name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// formatByTool runs Kafka's tool, and returns the files that it wrote, by their names.
func (s *Server) formatByTool(users []string) (map[string][]byte, error) {
	tool := s.java("kafka.tools.StorageTool", append([]string{"format", "-t", "Zm9uZGFjby10ZXN0LW5vZA", "-c", s.properties()}, users...)...)
	if out, err := tool.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("formatting Kafka's folder: %w\n%s", err, out)
	}
	list, err := os.ReadDir(filepath.Join(s.dir, "data"))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, f := range list {
		if files[f.Name()], err = os.ReadFile(filepath.Join(s.dir, "data", f.Name())); err != nil {
			return nil, err
		}
	}
	return files, nil
}
