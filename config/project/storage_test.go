package project_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/config/project"
)

// TestStorage: what cannot be is told at load, and no password with it.
func TestStorage(t *testing.T) {
	const cache = ", expected redis://[user:password@]host:port[/number], or rediss:// for TLS"
	for src, want := range map[string]string{
		"cache: memory": "", "cache: redis://r:6379": "", "cache: rediss://r": "", "cache: redis://[::1]:6379/3": "",
		"cache: ${env.REDIS_URL}": "",
		"cache: redis://u:${secret.redis}@${env.HOST}:${env.PORT}/${env.DB}": "", "cache: redis://:${secret.redis}@r:6379": "",
		"cache: memry":                   `E104 storage.cache: found "memry", expected memory, or redis://host:port; did you mean "memory"?`,
		"cache: r:6379":                  `E104 storage.cache: found "r:6379", expected memory, or redis://host:port`,
		"cache: u:s3cret@r:6379":         `E104 storage.cache: found another text, expected memory, or redis://host:port`,
		"cache: redi://r:6379":           `E104 storage.cache: found an address that begins with "redi://", expected memory, or redis://host:port; did you mean "redis"?`,
		"cache: memcached://r":           `E104 storage.cache: found an address that begins with "memcached://", expected memory, or redis://host:port`,
		"cache: redis://u:s3cret@r:6379": `E106 storage.cache: a secret is written into the file; write redis://u:${secret.NAME}@..., and put the value into the secrets folder or FONDACO_SECRET_NAME`,
		"cache: redis://":                "E104 storage.cache: found an address without a host" + cache,
		"cache: redis://r:port": "E104 storage.cache: found something else than memory and the address of a Redis server" +
			cache,
		"cache: redis://r:66000":  "E104 storage.cache: found an invalid port, expected 1 to 65535",
		"cache: redis://r:6379/x": "E104 storage.cache: found something else than a number after the host and port" + cache,
		"cache: redis://r:6379?db=3": "E104 storage.cache: found something else after the address, expected nothing, or " +
			"?read_timeout=DURATION, for example ?read_timeout=200ms",
		"cache: redis://r:6379?read_timeout=200ms": "", "cache: redis://r:6379/3?read_timeout=1m": "",
		"cache: redis://r:6379?read_timeout=200": "E104 storage.cache: found an invalid read_timeout, expected 1ms to 1m, for example " +
			"?read_timeout=200ms",
		"cache: redis://r:6379?read_timeout=0s": "E104 storage.cache: found an invalid read_timeout, expected 1ms to 1m, for example " +
			"?read_timeout=200ms",
		"cache: redis://r:6379?read_timeout=1s&db=3": "E104 storage.cache: found something else after the address, expected nothing, or " +
			"?read_timeout=DURATION, for example ?read_timeout=200ms",
		"cache: redis://r:6379?read_timeout=1s#x": "E104 storage.cache: found something else after the address, expected nothing, or " +
			"?read_timeout=DURATION, for example ?read_timeout=200ms",
		"cache: redis://:${param.x}@r":       `E105 found ${param.x}, expected ${env.NAME} or ${secret.NAME}`,
		"cach: memory":                       `E101 unknown key "cach" in "storage"; did you mean "cache"?`,
		"topics: embeded":                    `E104 storage.topics: found "embeded", expected embedded, kafka://host:port, or nats://host:port; did you mean "embedded"?`,
		"topics: kafka://u:s3cret@k1,k2:902": `E106 storage.topics: a secret is written into the file; write kafka://u:${secret.NAME}@..., and put the value into the secrets folder or FONDACO_SECRET_NAME`,
		"topics: kafka://k1:9092,k2:9092":    "", "state: /var/lib/city.db": "", "state: postgres://${secret.pg}": "",
		"state: postgres://fondaco:${secret.pg}@db:5432/fondaco?schema=s": "",
		"state: postgres://fondaco:s3cret@db/x":                           `E106 storage.state: a secret is written into the file; write postgres://fondaco:${secret.NAME}@..., and put the value into the secrets folder or FONDACO_SECRET_NAME`,
		"state: mysql://h/x":                                              `E104 storage.state: found an address that begins with "mysql://", expected a file of SQLite, or postgres://role@host:port/database`,
	} {
		var out diag.List
		project.Read(fstest.MapFS{"fondaco.yaml": {Data: []byte("project: d\nstorage:\n  " + src + "\n")}}, &out)
		var told []string
		for _, p := range out.Sorted() {
			if p.Pos.Line != 3 {
				t.Errorf("%s: told of %s", src, p.Pos)
			}
			told = append(told, strings.TrimSuffix(string(p.Code)+" "+p.Message+"; "+p.Hint, "; "))
		}
		if got := strings.Join(told, "\n"); got != want {
			t.Errorf("%s\ngave %s\nwant %s", src, got, want)
		}
	}
}

// TestCacheAddress: a password may have any characters, and is in no error.
func TestCacheAddress(t *testing.T) {
	values := map[string]string{
		"secret.p": "s3cret/@:?#% +é", "env.U": "an@user", "env.URL": "redis://:a%2Fb@r:1/2",
		"secret.bad": "http://u:s3cret@r", "env.H": "r",
	}
	for src, want := range map[string]string{
		"memory": "",
		"redis://${env.U}:${secret.p}@${env.H}:6379/1": "redis://an%40user:s3cret%2F%40%3A%3F%23%25%20%2B%C3%A9@r:6379/1",
		"${env.URL}": "redis://:a%2Fb@r:1/2",
		"${secret.bad}": "error: found something else than memory and the address of a Redis server, expected " +
			"redis://[user:password@]host:port[/number], or rediss:// for TLS",
		"redis://:${secret.none}@r": "error: fondaco.yaml:3:19: ${secret.none} is not set",
		"redis://${secret.p}": "error: found something else than memory and the address of a Redis server, expected " +
			"redis://[user:password@]host:port[/number], or rediss:// for TLS",
	} {
		var out diag.List
		p := project.Read(fstest.MapFS{"fondaco.yaml": {Data: []byte("project: d\nstorage:\n  cache: " + src + "\n")}}, &out)
		got, err := p.Storage.CacheAddress(func(space, name string) (string, bool, bool) {
			v, ok := values[space+"."+name]
			return v, space == "secret", ok
		})
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != want || err != nil && strings.Contains(got, "s3cret") {
			t.Errorf("%s\ngave %s\nwant %s", src, got, want)
		}
	}
}
