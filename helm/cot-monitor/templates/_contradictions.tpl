{{/*
What the schema cannot see: values that are fine each, but not together. Rendering stops here with the fix, so that a
mistake shows before anything is rolled out.
*/}}
{{- define "cot-monitor.contradictions" -}}
{{- if and (not .Values.database.existingSecret) (not .Values.embeddedStore.enabled) -}}
{{- fail "no store: set database.existingSecret to a Secret with a PostgreSQL address, or embeddedStore.enabled to try things out" -}}
{{- end -}}
{{- if and .Values.database.existingSecret .Values.embeddedStore.enabled -}}
{{- fail "two stores: set either database.existingSecret or embeddedStore.enabled" -}}
{{- end -}}
{{- if and .Values.embeddedStore.enabled (gt (int .Values.replicas) 1) -}}
{{- fail "the embedded store has one owner: set replicas to 1, or use database.existingSecret" -}}
{{- end -}}
{{- if not .Values.kafka.brokers -}}
{{- if or .Values.kafka.sasl.mechanism .Values.kafka.tls.enabled -}}
{{- fail "kafka.sasl and kafka.tls need kafka.brokers" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.kafka.sasl.mechanism (not .Values.kafka.sasl.existingSecret) -}}
{{- fail "kafka.sasl.mechanism needs kafka.sasl.existingSecret" -}}
{{- end -}}
{{- if and .Values.kafka.sasl.existingSecret (not .Values.kafka.sasl.mechanism) -}}
{{- fail "kafka.sasl.existingSecret needs kafka.sasl.mechanism" -}}
{{- end -}}
{{- if and .Values.kafka.tls.existingSecret (not .Values.kafka.tls.enabled) -}}
{{- fail "kafka.tls.existingSecret needs kafka.tls.enabled" -}}
{{- end -}}
{{- if and .Values.kafka.tls.clientCertificate (not .Values.kafka.tls.existingSecret) -}}
{{- fail "kafka.tls.clientCertificate needs kafka.tls.existingSecret" -}}
{{- end -}}
{{- if and .Values.autoscaling.kind .Values.embeddedStore.enabled -}}
{{- fail "the embedded store has one owner: autoscaling needs database.existingSecret" -}}
{{- end -}}
{{- if gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas) -}}
{{- fail "autoscaling.minReplicas is above autoscaling.maxReplicas" -}}
{{- end -}}
{{- if and (eq .Values.autoscaling.kind "keda") (not .Values.kafka.brokers) -}}
{{- fail "autoscaling.kind keda needs kafka.brokers: it scales on consumer lag" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "ingress.enabled needs ingress.host" -}}
{{- end -}}
{{- $drain := int (default 20000 .Values.config.DRAIN_TIMEOUT_MS) -}}
{{- if le (mul 1000 (int .Values.terminationGracePeriodSeconds)) (add $drain (mul 1000 (int .Values.preStopSeconds))) -}}
{{- fail "terminationGracePeriodSeconds must be longer than preStopSeconds and config.DRAIN_TIMEOUT_MS together, or a drain ends in a kill" -}}
{{- end -}}
{{- end -}}
