import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real processes are started by some suites: two workers keep a 2-core machine honest.
    maxWorkers: 2,
    testTimeout: 20_000,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      thresholds: { lines: 90, branches: 90 },
      reporter: ['text-summary', 'text', 'json-summary'],
    },
  },
})
