//go:build tools

// Package tools keeps the commands and libraries that are built here in go.mod and go.sum.
package tools

import (
	_ "github.com/helm-unittest/helm-unittest/cmd/helm-unittest"
	_ "github.com/prometheus/prometheus/cmd/promtool"
	_ "github.com/yuin/gopher-lua"
	_ "helm.sh/helm/v3/cmd/helm"
	_ "sigs.k8s.io/cli-utils/pkg/kstatus/status"
)
