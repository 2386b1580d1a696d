/** A CEL rule of a CRD schema. `x-kubernetes-validations` is run by the API server, so a bad object is refused with our webhook down. */
interface Rule {
  readonly rule: string
  readonly message: string
  readonly fieldPath?: string
}

/** Attaches CEL rules to a schema: `schema.meta(validations(…))`. */
export const validations = (...rules: readonly Rule[]): Record<string, unknown> => ({
  'x-kubernetes-validations': rules,
})
