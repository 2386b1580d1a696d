{{/*
What the policies read of a pod and of a Tenant, in CEL. The same questions as src/injection/podFacts.ts and tenantFacts.ts ask;
test/apiserver/guard.test.ts holds the answers side by side. Every access is guarded: an expression that fails refuses the object.
*/}}

{{- define "kes-injector.optedInNamespaces" -}}
namespaceSelector:
  matchLabels: { kes-injector.io/inject: enabled }
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values: {{ append .Values.webhook.excludedNamespaces .Release.Namespace | uniq | toJson }}
{{- end }}

{{- define "kes-injector.fiveVariables" -}}
['MINIO_KMS_KES_ENDPOINT', 'MINIO_KMS_KES_KEY_NAME', 'MINIO_KMS_KES_CERT_FILE', 'MINIO_KMS_KES_KEY_FILE', 'MINIO_KMS_KES_CAPATH']
{{- end }}

{{/* Of a list of variables called .env: those that choose a KMS (src/minio/environment.ts). */}}
{{- define "kes-injector.kmsOf" -}}
{{ .env }}.filter(e, e.name.startsWith('MINIO_KMS_') &&
  !(e.name in ['MINIO_KMS_AUTO_ENCRYPTION', 'MINIO_KMS_REPLICATE_KEYID', 'MINIO_KMS_KEY_CACHE_INTERVAL']))
{{- end }}

{{/* Whether the variable e names an embedded KeyServer of this installation, or the KES inside the pod (src/injection/endpoint.ts). */}}
{{- define "kes-injector.isOurEndpoint" -}}
e.?value.orValue('').matches('^https://(127[.]0[.]0[.]1|kes-[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?[.]{{ .Release.Namespace }}[.]svc):7373$')
{{- end }}

{{- define "kes-injector.podVariables" -}}
- name: annotations
  expression: object.metadata.?annotations.orValue({})
- name: index
  expression: object.spec.containers.map(c, c.name).indexOf(variables.annotations[?'kes-injector.io/container'].orValue('minio'))
- name: tenant
  expression: object.metadata.?labels[?'v1.min.io/tenant'].orValue('')
- name: leftAlone
  expression: >-
    variables.index < 0 ||
    'kubernetes.io/config.mirror' in variables.annotations ||
    variables.annotations[?'kes-injector.io/inject'].orValue('') == 'disabled' ||
    object.spec.?os.?name.orValue('') == 'windows' ||
    object.spec.?nodeSelector[?'kubernetes.io/os'].orValue('') == 'windows' ||
    object.spec.?dnsPolicy.orValue('ClusterFirst') == 'Default' ||
    (object.spec.?hostNetwork.orValue(false) && object.spec.?dnsPolicy.orValue('ClusterFirst') == 'ClusterFirst') ||
    (variables.tenant != '' && object.metadata.?ownerReferences.orValue([]).exists(o,
      o.?controller.orValue(false) && o.kind == 'StatefulSet' && o.apiVersion.startsWith('apps/') &&
      o.name.startsWith(variables.tenant + '-')))
- name: env
  expression: "variables.index < 0 ? [] : object.spec.containers[variables.index].?env.orValue([])"
- name: kms
  expression: >-
    {{- include "kes-injector.kmsOf" (dict "env" "variables.env") | nindent 4 }}
# A KMS of the user's own: any variable of one that is not, by its name and value, one of our five.
- name: usersOwn
  expression: >-
    variables.kms.exists(e, has(e.valueFrom) || !(
      e.name == 'MINIO_KMS_KES_ENDPOINT' ? {{ include "kes-injector.isOurEndpoint" . }} :
      e.name == 'MINIO_KMS_KES_CERT_FILE' ? e.?value.orValue('') == '/run/kes-injector/tls.crt' :
      e.name == 'MINIO_KMS_KES_KEY_FILE' ? e.?value.orValue('') == '/run/kes-injector/tls.key' :
      e.name == 'MINIO_KMS_KES_CAPATH' ? e.?value.orValue('') == '/run/kes-injector/ca.crt' :
      e.name == 'MINIO_KMS_KES_KEY_NAME'))
- name: missing
  expression: >-
    {{ include "kes-injector.fiveVariables" . }}.filter(n, !variables.kms.exists(e, e.name == n))
{{- end }}

{{/* .of: object or oldObject; .as: prefix of the variables; .former: an expression, whether the stored Tenant was connected. */}}
{{- define "kes-injector.tenantVariables" -}}
- name: {{ .as }}Env
  expression: optional.ofNonZeroValue({{ .of }}).?spec.?env.orValue([])
- name: {{ .as }}Kms
  expression: >-
    {{- include "kes-injector.kmsOf" (dict "env" (printf "variables.%sEnv" .as)) | nindent 4 }}
- name: {{ .as }}Reference
  expression: >-
    optional.ofNonZeroValue({{ .of }}).?spec.?externalClientCertSecrets.orValue([])
    .map(r, r.?name.orValue('') + ' ' + r.?type.orValue('')).indexOf('kes-client cert-manager.io/v1')
# Our files can also come as a volume of the Tenant's (annotation kes-injector.io/mount).
- name: {{ .as }}Volume
  expression: >-
    optional.ofNonZeroValue({{ .of }}).?spec.?additionalVolumes.orValue([]).exists(v, v.?name.orValue('') == 'kes-injector' &&
      v.?projected.?sources.orValue([]).exists(s, s.?secret.?name.orValue('') == 'kes-client')) &&
    optional.ofNonZeroValue({{ .of }}).?spec.?additionalVolumeMounts.orValue([]).exists(m, m.?name.orValue('') == 'kes-injector')
- name: {{ .as }}Trace
  expression: >-
    variables.{{ .as }}Reference >= 0 || variables.{{ .as }}Volume ||
    variables.{{ .as }}Kms.exists(e, e.name == 'MINIO_KMS_KES_ENDPOINT' && {{ include "kes-injector.isOurEndpoint" .root }})
- name: {{ .as }}UsersOwn
  expression: >-
    variables.{{ .as }}Kms.exists(e, has(e.valueFrom) || !(
      e.name == 'MINIO_KMS_KES_ENDPOINT' ? {{ include "kes-injector.isOurEndpoint" .root }} :
      e.name == 'MINIO_KMS_KES_KEY_NAME' ? true :
      e.name == 'MINIO_KMS_KES_CERT_FILE' ? e.?value.orValue('') == '/run/kes-injector/tls.crt' ||
        ((variables.{{ .as }}Trace || {{ .former }}) && e.?value.orValue('').matches('^/tmp/certs/client-[0-9]{1,6}/client[.]crt$')) :
      e.name == 'MINIO_KMS_KES_KEY_FILE' ? e.?value.orValue('') == '/run/kes-injector/tls.key' ||
        ((variables.{{ .as }}Trace || {{ .former }}) && e.?value.orValue('').matches('^/tmp/certs/client-[0-9]{1,6}/client[.]key$')) :
      e.name == 'MINIO_KMS_KES_CAPATH' && (e.?value.orValue('') == '/run/kes-injector/ca.crt' ||
        ((variables.{{ .as }}Trace || {{ .former }}) && e.?value.orValue('').matches('^/tmp/certs/CAs/client-ca-[0-9]{1,6}[.]crt$')))))
- name: {{ .as }}Connected
  expression: variables.{{ .as }}Trace && !variables.{{ .as }}UsersOwn
{{- end }}

{{/* Whether what is to go carries its own name. */}}
{{- define "kes-injector.confirmed" -}}
oldObject.metadata.?annotations[?'kes-injector.io/confirm-delete'].orValue('') == oldObject.metadata.name
{{- end }}

{{/* Whether a name, given as an expression, begins with the prefix and goes on, or was granted: src/api/keyName.ts. */}}
{{- define "kes-injector.ownKey" -}}
({{ . }}.startsWith(variables.prefix) && size({{ . }}) > size(variables.prefix) || variables.granted.exists(keys, keys.exists(k, k == {{ . }} || k.endsWith('*') && {{ . }}.startsWith(k.substring(0, size(k) - 1)))))
{{- end }}

{{/* Which key of which server: src/injection/keyChoice.ts, for the KeyServer that is the parameter. */}}
{{- define "kes-injector.keyVariables" -}}
- name: labels
  expression: namespaceObject.metadata.?labels.orValue({})
- name: wanted
  expression: namespaceObject.metadata.?annotations[?'kes-injector.io/key-server'].orValue('default')
# src/api/selector.ts
- name: admitted
  expression: >-
    params.spec.?namespaces.?selector.?matchLabels.orValue({}).all(k,
      variables.labels[?k].hasValue() && variables.labels[k] == params.spec.namespaces.selector.matchLabels[k]) &&
    params.spec.?namespaces.?selector.?matchExpressions.orValue([]).all(r,
      r.operator == 'In' ? variables.labels[?r.key].hasValue() && variables.labels[r.key] in r.?values.orValue([]) :
      r.operator == 'NotIn' ? !variables.labels[?r.key].hasValue() || !(variables.labels[r.key] in r.?values.orValue([])) :
      r.operator == 'Exists' ? variables.labels[?r.key].hasValue() : !variables.labels[?r.key].hasValue())
- name: prefix
  expression: params.spec.keyPrefix.replace('{namespace}', request.namespace)
# Names in full, or the beginning of names and a star.
- name: granted
  expression: params.spec.?grants.orValue([]).filter(g, g['namespace'] == request.namespace).map(g, g.keys)
- name: keyName
  expression: >-
    object.metadata.?annotations[?'kes-injector.io/key-name']
    .or(namespaceObject.metadata.?annotations[?'kes-injector.io/key-name']).orValue(variables.prefix + 'minio')
# src/api/keyName.ts. KES inside MinIO pods (placement Sidecar), and one that somebody else runs (external), take the webhook.
- name: mayConnect
  expression: >-
    params.spec.?server.?placement.orValue('Service') == 'Service' && !has(params.spec.external) && variables.admitted && variables.keyName.matches('^[A-Za-z0-9_-]{1,80}$') &&
    {{ include "kes-injector.ownKey" "variables.keyName" }}
- name: endpoint
  expression: "'https://kes-' + params.metadata.name + '.{{ .Release.Namespace }}.svc:7373'"
{{- end }}
