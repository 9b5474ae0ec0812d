import type { Rule } from './rule.js'
import { answerRules } from './rules/answers.js'
import { automationRules } from './rules/automation.js'
import { behaviourRules } from './rules/behaviour.js'
import { capabilityRules } from './rules/capabilities.js'
import { carelessRules } from './rules/careless.js'
import { dependencyRules } from './rules/dependencies.js'
import { dynamicCodeRules } from './rules/dynamic-code.js'
import { entryRules } from './rules/entries.js'
import { guardRules } from './rules/guards.js'
import { injectionRules } from './rules/injection.js'
import { pathRules } from './rules/paths.js'
import { scopeRules } from './rules/scope.js'
import { secretRules } from './rules/secrets.js'
import { structureRules } from './rules/structure.js'
import { testRules } from './rules/tests.js'
import { threatRules } from './rules/threats.js'
import { unicodeRules } from './rules/unicode.js'
import { weakeningRules } from './rules/weakening.js'

/** Changes whenever a rule sees something else than before; part of every audit's digest. */
export const ruleSetVersion = '4'

const capable: readonly Rule[] = [...dynamicCodeRules, ...capabilityRules]

const forbiddenCapability: Rule = {
  id: 'POLICY-CAPABILITY',
  cwe: 693,
  tier: 'block',
  stage: 'compliance',
  title: 'The patch adds a capability that the policy forbids',
  rationale:
    'A project can decide that no patch may ever start programs, open connections or run text as code. Nothing is forbidden unless the policy says so.',
  // Samples are audited with a policy that forbids `process`.
  example: { path: 'src/cart.js', before: 'total()\n', after: "import { execFile } from 'node:child_process'\ntotal()\n" },
  nearMiss: { path: 'src/cart.js', before: 'total()\n', after: "total()\nawait fetch('https://example.org/')\n" },
  inspect: (patch) =>
    capable
      .filter(({ capability }) => capability !== undefined && patch.policy.forbiddenCapabilities.includes(capability))
      .flatMap((rule) =>
        rule
          .inspect(patch)
          .map((sighting) => ({ ...sighting, message: `The policy forbids the capability "${rule.capability ?? ''}"` })),
      ),
}

/** Every rule, in the order in which findings are told. */
export const rules: readonly Rule[] = [
  ...structureRules,
  ...unicodeRules,
  ...secretRules,
  ...capable,
  ...weakeningRules,
  ...injectionRules,
  ...carelessRules,
  ...guardRules,
  ...answerRules,
  ...pathRules,
  ...testRules,
  ...automationRules,
  ...dependencyRules,
  ...entryRules,
  ...threatRules,
  ...behaviourRules,
  ...scopeRules,
  forbiddenCapability,
]
