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
  name: {{ .Values.serviceAccount.name | quote }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{/* Arguments, each on a line of its own. A number of a values file is a float, and a large one would be written as 1e+06. */}}
{{- define "aks-ca-trust.args" }}
{{- with .Values.metrics }}
{{- if not .enabled }}
- --metrics-address=none
{{- else if .plainHttp }}
- --metrics-plain-http
{{- else if .tlsSecret }}
- --metrics-cert-dir=/etc/aks-ca-trust/metrics
{{- end }}
{{- end }}
{{- if .Values.policy.enabled }}
- --policy-file=/etc/aks-ca-trust/policy/policy.yaml
{{- end }}
{{- with .Values.caBundle }}
{{- if or .configMap .secret }}
- {{ printf "--ca-file=/etc/aks-ca-trust/ca/%s" .key | quote }}
{{- end }}
{{- end }}
{{- with .Values.nodeAccess.inClusterResourceId }}
- {{ printf "--in-cluster-resource-id=%s" . | quote }}
{{- end }}
{{- range $name, $value := .Values.workloadIdentity }}
{{- if and $value (hasKey $.Values.config $name) }}
{{- fail (printf "workloadIdentity.%s and config.%s are the same setting: remove one of them." $name $name) }}
{{- end }}
{{- if and $value (not $.Values.serviceAccount.create) }}
- --{{ kebabcase $name }}={{ $value }}
{{- end }}
{{- end }}
{{- range $name, $value := .Values.config }}
{{- $flag := printf "--%s" (kebabcase $name) }}
{{- if kindIs "bool" $value }}
{{- if $value }}
- {{ $flag }}
{{- end }}
{{- else if kindIs "string" $value }}
- {{ printf "%s=%s" $flag $value | quote }}
{{- else }}
- {{ $flag }}={{ int64 $value }}
{{- end }}
{{- end }}
{{- end }}

{{/* Whole folders are mounted, because a file that is mounted by subPath never changes. */}}
{{- define "aks-ca-trust.volumeMounts" }}
{{- if .Values.policy.enabled }}
- name: policy
  mountPath: /etc/aks-ca-trust/policy
  readOnly: true
{{- end }}
{{- if or .Values.caBundle.configMap .Values.caBundle.secret }}
- name: ca-bundle
  mountPath: /etc/aks-ca-trust/ca
  readOnly: true
{{- end }}
{{- if .Values.metrics.tlsSecret }}
- name: metrics-certificate
  mountPath: /etc/aks-ca-trust/metrics
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "aks-ca-trust.volumes" }}
{{- if .Values.policy.enabled }}
- name: policy
  configMap:
    name: {{ .Values.policy.existingConfigMap | default "aks-ca-trust-policy" | quote }}
{{- end }}
{{- with .Values.caBundle }}
{{- if and .configMap .secret }}
{{- fail "caBundle has a configMap and a secret, and only one of them can be mounted: remove the other." }}
{{- else if .configMap }}
- name: ca-bundle
  configMap:
    name: {{ .configMap | quote }}
{{- else if .secret }}
- name: ca-bundle
  secret:
    secretName: {{ .secret | quote }}
{{- end }}
{{- end }}
{{- with .Values.metrics.tlsSecret }}
- name: metrics-certificate
  secret:
    secretName: {{ . | quote }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* How a ServiceMonitor or a PodMonitor scrapes; called with the root and the monitor's values. */}}
{{- define "aks-ca-trust.endpoint" -}}
{{- $metrics := .root.Values.metrics }}
{{- $name := .name }}
{{- with .monitor -}}
port: metrics
# The labels namespace and name are those of the objects.
honorLabels: true
{{- with .interval }}
interval: {{ . | quote }}
{{- end }}
{{- if not $metrics.plainHttp }}
scheme: https
{{- if .authorization }}
authorization:
  {{- toYaml .authorization | nindent 2 }}
{{- else if $metrics.scraperToken }}
authorization:
  credentials:
    name: aks-ca-trust-scraper
    key: token
{{- else }}
{{- fail (printf "metrics.%s has no token to send, and the controller refuses scrapes without one: set metrics.scraperToken to true, metrics.%s.authorization to a Secret with a token, or metrics.plainHttp to true." $name $name) }}
{{- end }}
tlsConfig:
  {{- toYaml (.tlsConfig | default (dict "insecureSkipVerify" true)) | nindent 2 }}
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
