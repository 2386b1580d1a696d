/** One thing that can be wrong: undefined while it is fine, else a short sentence. Must be quick and must not wait. */
export type Check = () => string | undefined

/** Named checks; the names are what people see in `kubectl describe pod` and at the endpoint. */
export type Checks = Readonly<Record<string, Check>>

export interface HealthAnswer {
  readonly status: 200 | 503
  readonly body: {
    readonly status: 'ok' | 'failing'
    /** `ok`, or what is wrong. */
    readonly checks: Readonly<Record<string, string>>
  }
}

/** All checks together: 200 if each is fine, else 503. A check that throws has failed. */
export function health(checks: Checks): HealthAnswer {
  const wrong = Object.entries(checks).map(([name, check]) => [name, ask(check)] as const)
  const fine = wrong.every(([, what]) => what === undefined)
  return {
    status: fine ? 200 : 503,
    body: {
      status: fine ? 'ok' : 'failing',
      checks: Object.fromEntries(wrong.map(([name, what]) => [name, what ?? 'ok'])),
    },
  }
}

function ask(check: Check): string | undefined {
  try {
    return check()
  } catch (error) {
    return error instanceof Error ? `the check itself failed: ${error.name}` : 'the check itself failed'
  }
}
