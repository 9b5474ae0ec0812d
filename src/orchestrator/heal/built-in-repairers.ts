import type { Repairer } from '../../core/repairer.js'
import { codeSyntaxRepairer } from '../../repair/code/code-syntax-repairer.js'
import { configurationRepairer } from '../../repair/configuration/configuration.js'
import { dependencyRepairer } from '../../repair/dependencies/dependency.js'
import { jsonSyntaxRepairer } from '../../repair/json/json-syntax-repairer.js'
import { lintRepairer } from '../../repair/lint/lint-repairer.js'
import { modelRepairer } from '../../repair/model/model.js'
import { permissionRepairer } from '../../repair/permission.js'
import { runtimeRepairer } from '../../repair/runtime/runtime-repairer.js'
import { testRepairer } from '../../repair/tests/test-repairer.js'
import { typesRepairer } from '../../repair/types/types.js'
import type { AskModel } from './heal-ports.js'
import type { Policy } from '../policy/policy-schema.js'

/** The repairers that come with homeostat, cheapest first: rules, then a model, where one is plugged in and allowed. */
export function builtInRepairers(policy: Policy, ask: AskModel | undefined): readonly Repairer[] {
  const { linesChangedMax, model } = policy.repair
  const { promptBytesMax, replyBytesMax } = model
  const last = ask === undefined || !model.enabled ? [] : [modelRepairer(ask, { promptBytesMax, replyBytesMax, linesChangedMax })]
  return [
    permissionRepairer,
    jsonSyntaxRepairer,
    codeSyntaxRepairer,
    configurationRepairer,
    dependencyRepairer,
    typesRepairer,
    runtimeRepairer,
    testRepairer,
    lintRepairer,
    ...last,
  ]
}
