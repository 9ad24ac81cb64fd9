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
{{- if .Values.embeddedStore.enabled -}}
{{- if .Values.workers.enabled -}}
{{- fail "the embedded store has one owner: set workers.enabled to false, or use database.existingSecret" -}}
{{- end -}}
{{- if gt (int .Values.api.replicas) 1 -}}
{{- fail "the embedded store has one owner: set api.replicas to 1, or use database.existingSecret" -}}
{{- end -}}
{{- if .Values.api.autoscaling.kind -}}
{{- fail "the embedded store has one owner: api.autoscaling needs database.existingSecret" -}}
{{- end -}}
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
{{- range $name := list "api" "workers" -}}
{{- $autoscaling := (index $.Values $name).autoscaling -}}
{{- if gt (int $autoscaling.minReplicas) (int $autoscaling.maxReplicas) -}}
{{- fail (printf "%s.autoscaling.minReplicas is above %s.autoscaling.maxReplicas" $name $name) -}}
{{- end -}}
{{- end -}}
{{- if and (eq .Values.workers.autoscaling.kind "keda") (not .Values.kafka.brokers) -}}
{{- fail "workers.autoscaling.kind keda needs kafka.brokers: it scales on consumer lag" -}}
{{- end -}}
{{- if and .Values.workers.autoscaling.kind (not .Values.workers.enabled) -}}
{{- fail "workers.autoscaling needs workers.enabled" -}}
{{- end -}}
{{- if and .Values.workers.autoscaling.authenticationRef (ne .Values.workers.autoscaling.kind "keda") -}}
{{- fail "workers.autoscaling.authenticationRef needs workers.autoscaling.kind keda" -}}
{{- end -}}
{{- if and .Values.ingress.enabled .Values.gateway.enabled -}}
{{- fail "two ways in: set either ingress.enabled or gateway.enabled" -}}
{{- end -}}
{{- if and .Values.gateway.enabled (not .Values.gateway.parentRefs) -}}
{{- fail "gateway.enabled needs gateway.parentRefs: the Gateway that the route hangs on" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "ingress.enabled needs ingress.host" -}}
{{- end -}}
{{- $drain := int (default 20000 .Values.config.DRAIN_TIMEOUT_MS) -}}
{{- if le (mul 1000 (int .Values.terminationGracePeriodSeconds)) (add $drain (mul 1000 (int .Values.preStopSeconds))) -}}
{{- fail "terminationGracePeriodSeconds must be longer than preStopSeconds and config.DRAIN_TIMEOUT_MS together, or a drain ends in a kill" -}}
{{- end -}}
{{- end -}}
