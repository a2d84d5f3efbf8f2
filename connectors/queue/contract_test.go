package queue

import (
	"os"
	"testing"

	"fondaco/connectors/connectortest"
)

func TestContract(t *testing.T) {
	connectortest.Run(t, Protocol, os.DirFS("testdata/contract"), connectortest.Wire{
		Address:  func(hostPort string) string { return "mqtt://" + hostPort },
		Confirms: "id",
	})
}
