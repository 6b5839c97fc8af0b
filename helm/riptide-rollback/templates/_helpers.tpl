{{- define "riptide.name" -}}rollback-controller{{- end }}

{{- define "riptide.selector" -}}
app.kubernetes.io/name: riptide-rollback
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "riptide.labels" -}}
{{ include "riptide.selector" . }}
app.kubernetes.io/component: controller
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: riptide-rollback
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "riptide.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "riptide.kubelet" -}}{{ if and .Values.kubelet.enabled (not .Values.watchNamespace) }}Enabled{{ else }}Disabled{{ end }}{{- end }}

{{- define "riptide.rules" -}}
{{- range . }}
- {apiGroups: [{{ .group | quote }}], resources: [{{ .resource }}], verbs: [{{ join ", " .verbs }}]}
{{- end }}
{{- end }}

{{- define "riptide.subjects" -}}
subjects:
- {kind: ServiceAccount, name: {{ .Values.serviceAccount.name }}, namespace: {{ .Release.Namespace }}}
{{- end }}

{{- define "riptide.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "riptide.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
