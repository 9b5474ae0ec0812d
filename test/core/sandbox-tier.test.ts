import { expect, it } from 'vitest'
import { reachesTier, sandboxTiers } from '../../src/core/sandbox-tier.js'

it('reachesTier() takes a tier for as strong as itself and every weaker one', () => {
  for (const [at, tier] of sandboxTiers.entries())
    for (const [least, wanted] of sandboxTiers.entries()) expect(reachesTier(tier, wanted)).toBe(at >= least)
})

it('reachesTier() takes a name that it does not know for the weakest', () => {
  for (const name of ['', 'fake', 'full', '__proto__', 'NAMESPACE'])
    expect([reachesTier(name, 'process'), reachesTier(name, 'namespace')]).toEqual([true, false])
})
