package rest

import (
	"os"
	"testing"

	"fondaco/connectors/transport/transporttest"
)

func TestContract(t *testing.T) {
	transporttest.Run(t, Protocol, os.DirFS("testdata/contract"))
}
