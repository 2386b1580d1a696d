import { tenantGroup, tenantKind, tenantResource } from '../minio/tenant.ts'
import { isObject, textAt } from '../minio/shape.ts'
import type { AdmissionRequest, Context } from './context.ts'
import { decidePod } from './decidePod.ts'
import { decideTenant } from './decideTenant.ts'
import { skip, type Decision } from './decision.ts'

type Rule = (request: AdmissionRequest) => Decision | undefined

const isPods = ({ group, resource }: AdmissionRequest): boolean => group === '' && resource === 'pods'
const isTenants = ({ group, resource }: AdmissionRequest): boolean =>
  group === tenantGroup && resource === tenantResource

// The operator writes tenants/status with an emptied spec (seen in a real run): to decide on that would be a disaster.
const subresource: Rule = ({ subResource }) => (subResource === '' ? undefined : skip('Subresource'))

// Pods at their creation only: the API server refuses what we would add to a pod that runs.
const notForUs: Rule = (request) => {
  const { operation } = request
  const ours = isPods(request) ? operation === 'CREATE' : isTenants(request) && ['CREATE', 'UPDATE'].includes(operation)
  return ours ? undefined : skip('NotForUs')
}

const contradiction: Rule = (request) => {
  const { kind, object, namespace } = request
  if (!isObject(object)) return skip('Malformed', 'there is no object')
  if (namespace === '') return skip('Malformed', 'there is no namespace')
  const kindOfObject = textAt(object, 'kind') ?? kind
  const expected = isPods(request) ? 'Pod' : tenantKind
  return kind === expected && kindOfObject === expected ? undefined : skip('Malformed', 'resource and kind disagree')
}

const rules: readonly Rule[] = [subresource, notForUs, contradiction]

/** What can be said without knowing anything of the cluster; undefined where more must be known. */
export function decideAlone(request: AdmissionRequest): Decision | undefined {
  for (const rule of rules) {
    const answer = rule(request)
    if (answer) return answer
  }
  return undefined
}

/** Decides what happens to an object at admission. Pure: no I/O and no clock; hostile objects never make it throw. */
export function decide(request: AdmissionRequest, context: Context): Decision {
  return decideAlone(request) ?? (isPods(request) ? decidePod(request, context) : decideTenant(request, context))
}
