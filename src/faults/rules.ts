import type { Rule } from './rule.js'
import { buildRules, lintRules } from './rules-build.js'
import { cloudRules } from './rules-cloud.js'
import { compiledRules } from './rules-compiled.js'
import { configurationRules } from './rules-configuration.js'
import { deploymentRules } from './rules-deployment.js'
import { gitRules } from './rules-git.js'
import { jvmRules } from './rules-jvm.js'
import { managerRules } from './rules-managers.js'
import { moduleRules } from './rules-modules.js'
import { networkRules } from './rules-network.js'
import { npmRules } from './rules-npm.js'
import { permissionRules } from './rules-permission.js'
import { projectRules } from './rules-projects.js'
import { pythonRules } from './rules-python.js'
import { environmentRules, runtimeRules, thrownRules } from './rules-runtime.js'
import { serviceRules } from './rules-services.js'
import { shellRules } from './rules-shell.js'
import { syntaxRules } from './rules-syntax.js'
import { summaryRules, testRules } from './rules-tests.js'
import { typeRules } from './rules-types.js'

/** All rules, the more specific before the more general: the first that fits a line has it. */
export const rules: readonly Rule[] = [
  ...environmentRules,
  ...npmRules,
  ...typeRules,
  ...projectRules,
  ...serviceRules,
  ...jvmRules,
  ...cloudRules,
  ...testRules,
  ...moduleRules,
  ...deploymentRules,
  ...pythonRules,
  ...syntaxRules,
  ...managerRules,
  ...shellRules,
  ...compiledRules,
  ...configurationRules,
  ...networkRules,
  ...permissionRules,
  ...gitRules,
  ...lintRules,
  ...runtimeRules,
  ...buildRules,
  ...summaryRules,
  ...thrownRules,
]
