package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// secretFiles looks who may read the files of the folder of secrets.
func secretFiles(_ context.Context, p *Patient) (found []Finding) {
	if p.Secrets == "" {
		return nil
	}
	folder, err := os.Stat(p.Secrets) //nolint:forbidigo // rights of files are those of this machine
	if err != nil {
		return []Finding{{"secrets", "folder", Fail, cause(err), "make the folder, and let the user of the process read it"}}
	}
	entries, err := os.ReadDir(p.Secrets) //nolint:forbidigo // rights of files are those of this machine
	if err != nil {
		return []Finding{{"secrets", "folder", Fail, cause(err), "let the user of the process read it"}}
	}
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(p.Secrets, e.Name())) //nolint:forbidigo // and of what a link leads to
		if err != nil || info.IsDir() {
			continue
		}
		f := Finding{Check: "secrets", Subject: e.Name(), Status: OK, Found: fmt.Sprintf("its rights are %04o", info.Mode().Perm())}
		if info.Mode().Perm()&0o004 != 0 && folder.Mode().Perm()&0o001 != 0 {
			f.Status, f.Found, f.Do = Fail, f.Found+": every user of this machine may read it", "chmod o-rwx, and chown to the user of the process"
		}
		found = append(found, f)
	}
	return found
}
