import fc from 'fast-check'
import type { Experience } from '../../../src/core/experience.js'

/** One experience, with what the test cares about. */
export function experience(fields: Partial<Experience> & { readonly shape?: string } = {}): Experience {
  const { shape = 'Cannot find module $specifier', ...others } = fields
  return {
    fingerprint: '00112233aabbccdd',
    faultClass: { category: 'dependency', code: 'MODULE_NOT_FOUND', tool: 'node', shape },
    strategy: 'dependency',
    parameters: { package: 'left-pad' },
    outcome: 'worked',
    costMs: 1_000,
    epochMs: 1_700_000_000_000,
    ...others,
  }
}

/** Few classes, strategies and recipes, so that the same pattern comes again and again. */
export const experiences: fc.Arbitrary<Experience> = fc
  .record({
    shape: fc.constantFrom('Cannot find module $specifier', 'Cannot find package $package', 'Unexpected token $token'),
    strategy: fc.constantFrom('dependency', 'syntax', 'types'),
    path: fc.constantFrom('a.ts', 'b.ts', 'c.ts'),
    worked: fc.boolean(),
    costMs: fc.integer({ min: 0, max: 60_000 }),
    epochMs: fc.integer({ min: 1_600_000_000_000, max: 1_700_000_000_000 }),
    plausibility: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  })
  .map(({ shape, strategy, path, worked, costMs, epochMs, plausibility }) =>
    experience({
      shape,
      strategy,
      parameters: { file: path },
      outcome: worked ? 'worked' : 'failed',
      costMs,
      epochMs,
      ...(plausibility !== undefined && { plausibility }),
      recipe: { kind: 'blocks', edits: [{ path, before: 'let x', after: 'const x' }] },
    }),
  )
