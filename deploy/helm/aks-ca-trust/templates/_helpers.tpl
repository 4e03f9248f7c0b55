{{/* Labels of every object. Selectors use none of these, because a selector cannot be changed. */}}
{{- define "aks-ca-trust.labels" -}}
app.kubernetes.io/part-of: aks-ca-trust
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The service account of the controller, as the subject of a binding. */}}
{{- define "aks-ca-trust.subject" -}}
- kind: ServiceAccount
  name: {{ .Values.serviceAccount.name }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{/* Values of the config as flags; a large number comes as 1e+06 from Helm. */}}
{{- define "aks-ca-trust.flags" -}}
{{- range $name, $value := .Values.config }}
{{- $flag := printf "--%s" (kebabcase $name) }}
{{- if kindIs "bool" $value }}
{{- if $value }}
- {{ $flag }}
{{- end }}
{{- else if kindIs "float64" $value }}
- {{ $flag }}={{ int64 $value }}
{{- else }}
- {{ printf "%s=%v" $flag $value | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "aks-ca-trust.image" -}}
{{- with .Values.image }}
{{- if .digest }}
{{- .repository }}@{{ .digest }}
{{- else }}
{{- .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end }}
{{- end }}
{{- end }}

{{/* The service account of the controller, as the API server names it. */}}
{{- define "aks-ca-trust.account" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ .Values.serviceAccount.name }}
{{- end }}
