# Everything runs with the Node.js 24 that npm puts into node_modules; the machine's own needs only to be 20 or newer.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
SHELL := /bin/bash
INSTALLED := node_modules/.installed

.DEFAULT_GOAL := help
.PHONY: help demo play dev test soak verify check generate format bench build release-dry-run site clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## the main job, end to end, in about three minutes; KEEP=1 leaves it running
	@node demo/main.ts

play: $(INSTALLED) ## everything of the demo running, without its steps, to try things; until Ctrl-C
	@node demo/main.ts play

dev: $(INSTALLED) ## as play, with the controller from source, started again when src/ changes
	@node demo/main.ts dev

test: $(INSTALLED) ## all tests, on a real API server and the simulator; ARGS="…" goes to Jest
	@mkdir -p coverage
	@npm run -s test -- --json --outputFile=coverage/results.json $(ARGS)

soak: $(INSTALLED) ## whole histories on new seeds until told to stop; DURATION=10m
	@node test/simulation/soak.ts $(if $(DURATION),--duration $(DURATION)) $(ARGS)

verify: check test ## everything that must hold before a change lands: check and test

check: generate $(INSTALLED) ## generated files, format, lint, types
	@npm run -s format:check
	@npm run -s lint
	@npm run -s typecheck
	@git diff --exit-code --stat -- src/api/generated docs/reference deploy/helm deploy/argocd || { echo "make check: run 'make generate' and commit what it changes"; exit 1; }

generate: $(INSTALLED) ## types from crds/, reference pages from src/
	@npm run -s generate

format: $(INSTALLED) ## formats every file
	@npm run -s format

bench: $(INSTALLED) ## measures, prints tables, writes bench/results.json; ARGS="--only latency" for a part
	@node bench/main.ts $(ARGS)

build: $(INSTALLED) ## dist/aks-ca-trust.mjs: the controller in one file
	@npm run -s build

release-dry-run: $(INSTALLED) ## the steps of a release that need no registry, from a clone of the last commit
	@node scripts/release.ts dry-run

site: $(INSTALLED) docs/node_modules/.installed ## docs/ as a site, in docs/.vitepress/dist; a dead link fails
	@npm --prefix docs run -s build

clean: ## what was built and installed here; caches outside of the checkout stay
	@rm -rf node_modules dist coverage .demo docs/node_modules docs/.vitepress/dist docs/.vitepress/cache

docs/node_modules/.installed: docs/package.json docs/package-lock.json
	@npm ci --prefix docs --no-progress --loglevel=error
	@touch $@

$(INSTALLED): package.json package-lock.json
	@command -v npm >/dev/null && command -v node >/dev/null || { echo "make: Node.js 20 or newer with npm is needed to begin (https://nodejs.org); it brings its own Node.js 24 then"; exit 1; }
	@node -e 'if (+process.versions.node.split(".")[0] < 20) { console.error("make: this machine has Node.js " + process.versions.node + "; 20 or newer is needed to begin"); process.exit(1) }'
	@echo "installing packages …"
	@npm ci --no-progress --loglevel=error
	@touch $@
