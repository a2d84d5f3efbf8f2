# Fondaco's targets. "make" alone lists them.

GO    ?= go
TOOLS := $(CURDIR)/.tools
LINT  := $(TOOLS)/bin/golangci-lint
LINT_VERSION := v2.15.0
REPORT := $(GO) run ./scripts/report $(if $(FAILURES),-failures $(FAILURES))

# Tests that nothing promises to pass: of Watermill's suite for features that our brokers do not have (messaging/watermill/watermilltest says
# why), of watches for what MariaDB and SQLite cannot do, of links, which FTP does not tell of, and a measurement that is made when it is asked for.
NOT_PROMISED := ^fondaco/messaging/watermill/watermilltest .*/(TestReconnect|TestNewSubscriberReceivesOldMessages)/|^fondaco/connectors/database Test(MariaDB/watches/wake|SQLite/watches/(late|locked|wake))$$|^fondaco/connectors/files TestNothingOutside/(vsftpd|S3)$$|^fondaco/store/postgres TestLarge$$

.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/fondaco
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/fondaco ./cmd/fondaco

release: ## the program for four platforms in dist/: archives with NOTICE, bills of materials, sums; two builds of a commit are the same; VERSION=1.2.3
	@$(GO) run ./scripts/release $(if $(VERSION),-version $(VERSION))

demo: build ## serve the example city, with all its systems simulated, on this machine
	@./bin/fondaco demo

cluster: build ## three nodes of the example city with PostgreSQL, Kafka and a balancer on this machine, to kill parts of; FOR=30m
	@$(GO) run ./scripts/cluster -for $(or $(FOR),30m)

test: ## run the tests with Go alone; installs nothing, and prints which tests were skipped and why
	@$(GO) test -json -timeout 20m ./... | $(REPORT)

test-all: ## fetch what the wider tests need (apt, npm, pip, Maven), then run all tests; a skipped one is a failure
	@scripts/wider
	@FONDACO_CITY_LOAD=1m $(GO) test -json -timeout 20m ./... | $(REPORT) -no-skips -but '$(NOT_PROMISED)'

wider: ## only fetch what the wider tests need; says what it could not get
	@scripts/wider

check: fmt vet lint dead elsewhere vuln race generated ## everything that must hold before a change lands

fmt: ## fail if a file is not gofmt's
	@out=$$(gofmt -l . ); if [ -n "$$out" ]; then echo "not formatted:"; echo "$$out"; exit 1; fi

vet: ## go vet
	$(GO) vet ./...

lint: $(LINT) ## golangci-lint, by .golangci.yml
	$(LINT) run ./...

$(LINT):
	GOBIN=$(TOOLS)/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

dead: ## functions that no program reaches, and lines of go.mod that nothing needs
	@scripts/dead
	$(GO) mod tidy -diff

elsewhere: ## the program is built for the other systems that people have, and without the example city
	GOOS=darwin $(GO) build -o /dev/null ./cmd/fondaco
	GOOS=windows $(GO) build -o /dev/null ./cmd/fondaco
	$(GO) build -tags nocity -o /dev/null ./cmd/fondaco

vuln: ## known vulnerabilities in what is used, with govulncheck; says so where it or its data is not at hand
	@scripts/vuln

race: ## the tests under the race detector in an order of chance, those that kill processes in their short form
	@$(GO) test -json -race -short -shuffle on -timeout 30m ./... | $(REPORT)

generate: build ## write the generated files again: reference pages, editors' schemas
	./bin/fondaco schema --write examples/dime/.fondaco
	./bin/fondaco reference docs/reference
	$(GO) test . -run '^TestMetricsPage$$' -count 1 -write-metrics >/dev/null
	$(GO) test . -run '^TestLogPage$$' -count 1 -write-log >/dev/null

generated: generate ## fail if the generated files are not what is committed
	@git diff --exit-code -- docs/reference examples || { echo "run 'make generate' and commit what it wrote"; exit 1; }

bench: ## CPU per request beside a reverse proxy and hand-written Go, start-up, memory
	$(GO) run ./bench

torture-short: ## the engine killed 25 times on SQLite, 15 on Kafka, and parts of a cluster, under load; all else that can go wrong once, as in CI
	$(GO) run ./torture -short -deadline 12m

torture: ## the same with 500 kills of the engine, 50 of the broker and 120 troubles of a cluster; takes about an hour
	$(GO) run ./torture -all

torture-planted: ## each bug that the torture must find, planted in a build made for it
	$(GO) run ./torture -planted

conformance: ## what goes over the wire, held to other people's documents and suites: a line a suite
	@scripts/conformance whole

corpus: ## load every WSDL of the gathered specifications; count them by folder, with the cause of every failure
	@$(GO) test ./connectors/soap -count=1 -run '^TestCorpus$$' -v | grep -v '^=== ' | sed 's/^ *corpus_test.go:[0-9]*: //'

fuzz: ## every fuzz target for FUZZTIME (default 60s); one that fails, or explores nothing, is a failure
	@scripts/fuzz $(or $(FUZZTIME),60s)

kafka-up: ## start an Apache Kafka node on 127.0.0.1:9092 (Maven fetches it), for trying topics on Kafka
	@scripts/kafka up

kafka-down: ## stop it
	@scripts/kafka down

redis-up: ## start a Redis server on 127.0.0.1:6379, for trying a cache that nodes share
	@scripts/redis up

redis-down: ## stop it
	@scripts/redis down

clean: ## remove what was built and fetched
	rm -rf bin dist .tools data

.PHONY: help build release demo cluster test test-all wider check fmt vet lint dead elsewhere vuln race generate generated bench torture torture-short torture-planted conformance corpus fuzz kafka-up kafka-down redis-up redis-down clean
