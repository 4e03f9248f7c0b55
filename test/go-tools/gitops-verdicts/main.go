// The program gitops-verdicts says what GitOps tools think of objects. It reads JSON objects, and prints one line of JSON for each: the
// verdict of kstatus, by which Flux waits, and the health that Argo CD computes with a Lua script.
// Usage: gitops-verdicts KIND=health.lua … < objects
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type verdict struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

type verdicts struct {
	Kstatus verdict `json:"kstatus"`
	// Absent for a kind without a script.
	Argo *verdict `json:"argo,omitempty"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	scripts := map[string]string{}
	for _, argument := range arguments {
		kind, file, found := strings.Cut(argument, "=")
		if !found {
			return fmt.Errorf("%q is not KIND=FILE", argument)
		}
		script, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		scripts[kind] = string(script)
	}
	out := json.NewEncoder(os.Stdout)
	for decoder := json.NewDecoder(os.Stdin); decoder.More(); {
		var text json.RawMessage
		if err := decoder.Decode(&text); err != nil {
			return err
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(text); err != nil {
			return err
		}
		line, err := verdictsOf(object, scripts)
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func verdictsOf(object *unstructured.Unstructured, scripts map[string]string) (*verdicts, error) {
	result, err := status.Compute(object)
	if err != nil {
		return nil, err
	}
	line := &verdicts{Kstatus: verdict{Status: result.Status.String(), Message: result.Message}}
	if script, ok := scripts[object.GetKind()]; ok {
		line.Argo, err = argoHealth(script, object)
	}
	return line, err
}

// argoHealth does as Argo CD does: an object that is being deleted is Progressing, whatever its script would say. A script has the
// libraries that a script of argocd-cm has by default, so neither string nor math.
func argoHealth(script string, object *unstructured.Unstructured) (*verdict, error) {
	if object.GetDeletionTimestamp() != nil {
		return &verdict{Status: "Progressing", Message: "Pending deletion"}, nil
	}
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return nil, err
		}
	}
	state.SetGlobal("obj", toLua(state, object.Object))
	if err := state.DoString(script); err != nil {
		return nil, err
	}
	table, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return nil, fmt.Errorf("the script returned a %s and not a table", state.Get(-1).Type())
	}
	member := func(name string) string { return lua.LVAsString(table.RawGetString(name)) }
	return &verdict{Status: member("status"), Message: member("message")}, nil
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case map[string]any:
		table := state.NewTable()
		for key, member := range value {
			table.RawSetString(key, toLua(state, member))
		}
		return table
	case []any:
		table := state.NewTable()
		for _, element := range value {
			table.Append(toLua(state, element))
		}
		return table
	case string:
		return lua.LString(value)
	case bool:
		return lua.LBool(value)
	case int64:
		return lua.LNumber(value)
	case float64:
		return lua.LNumber(value)
	default:
		return lua.LNil
	}
}
