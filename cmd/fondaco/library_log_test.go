package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestNothingOfAnAnswerReachesStderr: a system that goes on sending after its answer is told of, and nothing of what it
// sent is in the output.
func TestNothingOfAnAnswerReachesStderr(t *testing.T) {
	t.Parallel()
	const foreign = "RSSMRA80A01L736V"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				in := bufio.NewReader(c)
				req, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				_ = req.Body.Close()
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
				for range 50 { // until the transport has put the connection aside
					if _, err := fmt.Fprint(c, foreign+" "); err != nil {
						return
					}
				}
				_, _ = in.ReadByte()
			}()
		}
	}()
	dir := written(t, map[string]string{
		"fondaco.yaml": "project: prova\nserver: { listen: \"127.0.0.1:0\", console: \"127.0.0.1:0\" }\nsystems:\n  " +
			"archive: { connector: ./connectors/archive, params: { endpoint: \"http://" + l.Addr().String() + "\" } }\n",
		"connectors/archive/connector.yaml": "connector: archive\nversion: 1.0.0\nparams: { endpoint: { type: string } }\nrest: { endpoint: " +
			"\"${param.endpoint}\" }\noperations:\n  look: { get: /look, effect: read, answer: { type: object, properties: {} } }\n",
		"routes/r.yaml": "routes:\n  guarda:\n    http: GET /guarda\n    auth: none\n    steps:\n      - call: " +
			"archive.look\n    respond: { body: { visto: true } }\n",
	})
	p := startProcess(t, dir)
	eventually(t, func() string {
		p.ask(http.MethodGet, "/guarda", "")
		if strings.Contains(p.log.String(), foreign) || strings.Contains(p.log.String(), "on which nothing was asked") {
			return ""
		}
		return "nothing is told of bytes that nobody asked for: " + p.log.String()
	})
	if text := p.log.String() + p.out.String(); strings.Contains(text, foreign) || strings.Contains(text, "Unsolicited") {
		t.Errorf("the output has what the system sent: %s", text)
	}
}
