{{/*
What every pod of the chart shares: who it runs as, and where its settings come from.
*/}}
{{- define "cot-monitor.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "cot-monitor.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "cot-monitor.databaseEnvironment" -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret }}
      key: {{ .Values.database.key }}
{{- end -}}

{{- define "cot-monitor.environment" -}}
- name: HOST
  value: '0.0.0.0'
- name: PORT
  value: '8080'
{{- if .Values.embeddedStore.enabled }}
- name: ALLOW_EMBEDDED_STORE
  value: 'true'
- name: DATA_DIR
  value: /data
{{- else }}
{{ include "cot-monitor.databaseEnvironment" . }}
{{- if .Values.migrations.job }}
# The hook has migrated: a pod that meets an older store must not do it again beside others.
- name: DATABASE_MIGRATE
  value: 'false'
{{- end }}
{{- end }}
{{- if .Values.adminKey.existingSecret }}
- name: ADMIN_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.adminKey.existingSecret }}
      key: {{ .Values.adminKey.key }}
{{- end }}
{{- with .Values.kafka }}
{{- if .brokers }}
- name: KAFKA_BROKERS
  value: {{ .brokers | quote }}
{{- end }}
{{- if .sasl.mechanism }}
- name: KAFKA_SASL_MECHANISM
  value: {{ .sasl.mechanism }}
- name: KAFKA_SASL_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ .sasl.existingSecret }}
      key: {{ .sasl.usernameKey }}
- name: KAFKA_SASL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .sasl.existingSecret }}
      key: {{ .sasl.passwordKey }}
{{- end }}
{{- if .tls.enabled }}
- name: KAFKA_TLS
  value: 'true'
{{- if .tls.existingSecret }}
- name: KAFKA_TLS_CA_FILE
  value: /etc/kafka-tls/ca.crt
{{- end }}
{{- if .tls.clientCertificate }}
- name: KAFKA_TLS_CERT_FILE
  value: /etc/kafka-tls/tls.crt
- name: KAFKA_TLS_KEY_FILE
  value: /etc/kafka-tls/tls.key
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.judge.existingSecret }}
- name: JUDGE_API_KEY
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: JUDGE_API_KEY
      optional: true
- name: JUDGE_HEADERS
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: JUDGE_HEADERS
      optional: true
- name: JUDGE_SECOND_API_KEY
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: JUDGE_SECOND_API_KEY
      optional: true
- name: JUDGE_SECOND_HEADERS
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: JUDGE_SECOND_HEADERS
      optional: true
{{- end }}
{{- if .Values.webhooks.existingSecret }}
- name: WEBHOOKS_FILE
  value: /etc/cot-monitor/webhooks/webhooks.yaml
{{- end }}
{{- with .Values.evaluations.existingSecret }}
- name: EVALUATIONS_OTLP_HEADERS
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: EVALUATIONS_OTLP_HEADERS
{{- end }}
{{- range $name, $value := .Values.config }}
- name: {{ $name }}
  {{- /* Numbers in values are floats to Helm: 5000000 would otherwise read 5e+06. */}}
  {{- if and (kindIs "float64" $value) (eq (float64 (int64 $value)) $value) }}
  value: {{ int64 $value | toString | quote }}
  {{- else }}
  value: {{ $value | toString | quote }}
  {{- end }}
{{- end }}
{{- end -}}
