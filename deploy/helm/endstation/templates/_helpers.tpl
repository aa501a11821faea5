{{- define "endstation.name" -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "endstation.labels" -}}
app.kubernetes.io/name: endstation
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "endstation.portalLabels" -}}
app.kubernetes.io/name: endstation
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: portal
{{- end }}

{{- define "endstation.postgresqlLabels" -}}
app.kubernetes.io/name: endstation
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: postgresql
{{- end }}

{{- define "endstation.stateClaim" -}}
{{ .Values.portal.state.claim | default (printf "%s-state" (include "endstation.name" .)) }}
{{- end }}

{{- define "endstation.tunnelHost" -}}
{{ include "endstation.name" . }}-tunnel.{{ .Release.Namespace }}.svc
{{- end }}

{{/* The configuration file: what follows from this chart, and portal.config over it. */}}
{{- define "endstation.config" -}}
{{- $claims := list -}}
{{- range $name, $one := .Values.storage -}}
{{- $claims = append $claims (dict "here" $one.path "claim" $one.sessionsClaim "subPath" $one.subPath) -}}
{{- end -}}
{{- $provider := dict "name" "kubernetes" "type" "kubernetes" "namespace" .Values.sessions.namespace "owner" (include "endstation.name" .) "claims" $claims -}}
{{- $sources := dict -}}
{{- range $name, $image := .Values.sessions.images -}}
{{- $_ := set $sources $name (dict "image" $image) -}}
{{- end -}}
{{- $identity := dict "issuer" .Values.identity.issuer "clientId" .Values.identity.clientId "clientSecretFile" "/run/secrets/oidc/client-secret" -}}
{{- $config := dict
  "listen" (dict "host" "::" "port" 8080)
  "publicUrl" .Values.publicUrl
  "sessionsDomain" .Values.sessionsDomain
  "trustedProxies" .Values.ingress.trustedProxies
  "stateFolder" "/var/lib/endstation"
  "database" (dict "urlFile" "/run/secrets/database/url")
  "identity" (mergeOverwrite $identity .Values.identity.extra)
  "storage" (dict "homes" .Values.storage.homes.path "results" .Values.storage.results.path)
  "tunnel" (dict "port" (int .Values.tunnel.port) "address" (include "endstation.tunnelHost" .))
  "environments" list
  "sources" $sources
  "compute" (list (mergeOverwrite $provider .Values.sessions.provider)) -}}
{{- toYaml (mergeOverwrite $config .Values.portal.config) -}}
{{- end }}
