{{/*
One Deployment. Takes {root, component, role, values}: `values` is `.Values.api` or `.Values.workers`.
*/}}
{{- define "cot-monitor.deployment" -}}
{{- $root := .root -}}
{{- $values := .values -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "cot-monitor.fullname" $root }}-{{ .component }}
  labels:
    {{- include "cot-monitor.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  {{- if not $values.autoscaling.kind }}
  replicas: {{ $values.replicas }}
  {{- end }}
  {{- if $root.Values.embeddedStore.enabled }}
  # The store has one owner: the old pod must be gone before the new one opens it.
  strategy:
    type: Recreate
  {{- else }}
  # Never fewer than asked for while a new version rolls out.
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  {{- end }}
  selector:
    matchLabels:
      {{- include "cot-monitor.selectorLabels" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
  template:
    metadata:
      labels:
        {{- include "cot-monitor.labels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .component }}
        {{- with $root.Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $root.Values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "cot-monitor.serviceAccountName" $root }}
      # The service does not talk to the cluster.
      automountServiceAccountToken: false
      # Service links would add variables such as KAFKA_PORT, which read like settings.
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
      securityContext:
        {{- include "cot-monitor.podSecurity" $root | nindent 8 }}
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: cot-monitor
          image: {{ include "cot-monitor.image" $root | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          securityContext:
            {{- include "cot-monitor.containerSecurity" $root | nindent 12 }}
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: ROLE
              value: {{ .role }}
            {{- include "cot-monitor.environment" $root | nindent 12 }}
          lifecycle:
            preStop:
              exec:
                command: ['sleep', '{{ $root.Values.preStopSeconds }}']
          # Migrations may run before the first answer, where no hook has run them.
          startupProbe:
            httpGet:
              path: /livez
              port: http
            periodSeconds: 2
            failureThreshold: 150
          livenessProbe:
            httpGet:
              path: /livez
              port: http
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 6
          readinessProbe:
            httpGet:
              path: /readyz
              port: http
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            - name: tmp
              mountPath: /tmp
            {{- if $root.Values.embeddedStore.enabled }}
            - name: data
              mountPath: /data
            {{- end }}
            {{- if $root.Values.kafka.tls.existingSecret }}
            - name: kafka-tls
              mountPath: /etc/kafka-tls
              readOnly: true
            {{- end }}
            {{- if $root.Values.webhooks.existingSecret }}
            - name: webhooks
              mountPath: /etc/cot-monitor/webhooks
              readOnly: true
            {{- end }}
      volumes:
        - name: tmp
          emptyDir: {}
        {{- if $root.Values.embeddedStore.enabled }}
        - name: data
          persistentVolumeClaim:
            claimName: {{ include "cot-monitor.fullname" $root }}
        {{- end }}
        {{- with $root.Values.webhooks.existingSecret }}
        - name: webhooks
          secret:
            secretName: {{ . }}
            defaultMode: 0440
        {{- end }}
        {{- with $root.Values.kafka.tls.existingSecret }}
        - name: kafka-tls
          secret:
            secretName: {{ . }}
            defaultMode: 0440
        {{- end }}
      {{- include "cot-monitor.placement" . | nindent 6 }}
{{- end -}}

{{/*
Where the pods go. Unless told otherwise they keep away from one another, by zone and by node, as far as there is room.
*/}}
{{- define "cot-monitor.placement" -}}
{{- $root := .root -}}
{{- $component := .component -}}
topologySpreadConstraints:
{{- if .values.topologySpreadConstraints }}
  {{- toYaml .values.topologySpreadConstraints | nindent 2 }}
{{- else }}
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "cot-monitor.selectorLabels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ $component }}
  {{- end }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
