import { defineConfig } from 'vitest/config'

/** One project a tier; each runs alone by its name. What a tier needs and how long it takes: CONTRIBUTING.md. */
const tier = (name: string, include: string[], timeoutMs: number, isolate: boolean, globalSetup?: string) => ({
  test: {
    name,
    include,
    ...(globalSetup === undefined ? {} : { globalSetup }),
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    pool: isolate ? ('forks' as const) : ('threads' as const),
    isolate,
    fileParallelism: !isolate,
  },
})

export default defineConfig({
  test: {
    projects: [
      tier('unit', ['test/unit/**/*.test.ts', 'test/property/**/*.test.ts'], 20_000, false),
      tier('integration', ['test/integration/**/*.test.ts'], 30_000, false),
      tier('apiserver', ['test/apiserver/**/*.test.ts'], 180_000, true, 'test/apiserver/globalSetup.ts'),
      tier('e2e', ['test/e2e/**/*.test.ts'], 300_000, true, 'test/e2e/globalSetup.ts'),
    ],
  },
})
