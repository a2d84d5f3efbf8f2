package rest

import (
	"os"
	"testing"

	"fondaco/connectors/connectortest"
)

func TestContract(t *testing.T) {
	connectortest.Run(t, Protocol, os.DirFS("testdata/contract"))
}
