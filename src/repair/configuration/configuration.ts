import type { Repairer, RepairAnswer } from '../../core/repairer.js'
import { joined, nothing } from '../dependencies/dependency-proposal.js'
import { remembered } from '../dependencies/dependency-view.js'
import { isTest } from '../imports/import-path.js'
import { adviceOf } from './advice.js'
import { repairCompilerOptions } from './compiler-options.js'
import { repairCompilerPaths } from './compiler-paths.js'
import { repairEngineRange } from './engine-range.js'
import { repairEnvironment } from './environment.js'
import { repairMissingFile } from './example-files.js'
import { repairFileNames } from './file-names.js'
import { repairEntries } from './manifest-entries.js'
import { repairExports, repairWorkspaces } from './manifest-exports.js'
import { repairMain } from './manifest-main.js'
import { repairFieldNames } from './manifest-fields.js'
import { repairPackageType } from './manifest-type.js'
import { repairNamedSettings } from './named-settings.js'
import { questionOf, type ConfigurationQuestion } from './question.js'
import { repairValues } from './settings-values.js'

/**
 * Heals what is set wrongly: manifests, settings of compilers, linters and test runners, files of settings that are missing
 * beside an example, and plain variables of the environment. The project's own files are the evidence. Scripts and tests are
 * never edited, secrets never made up, and no check is ever set to check less.
 */
export const configurationRepairer: Repairer = {
  id: 'configuration',
  categories: ['configuration', 'dependency', 'build', 'runtime', 'syntax', 'test', 'deployment'],
  propose(request) {
    request.signal.throwIfAborted()
    const { proposals, notes } = repair(questionOf({ ...request, workspace: remembered(request.workspace) }))
    return Promise.resolve({ proposals: proposals.slice(0, Math.max(0, request.proposalsMax)), notes: notes.slice(0, notesMax) })
  },
}

const notesMax = 6

const parts: readonly ((question: ConfigurationQuestion) => RepairAnswer)[] = [
  repairFieldNames,
  repairPackageType,
  repairEntries,
  repairMain,
  repairExports,
  repairWorkspaces,
  repairCompilerOptions,
  repairCompilerPaths,
  repairNamedSettings,
  repairMissingFile,
  repairEnvironment,
  repairFileNames,
  repairValues,
]

function repair(question: ConfigurationQuestion): RepairAnswer {
  const engines = repairEngineRange(question)
  if (engines.proposals.length > 0) return engines
  const advice = adviceOf(question)
  if (advice !== undefined) return advice
  const answer = joined(...parts.map((part) => part(question)))
  const allowed = answer.proposals.filter(({ edits }) => !edits.some(({ path }) => isForbidden(path)))
  return { proposals: allowed, notes: [...answer.notes, ...nothing().notes] }
}

/** Tests say what is right, and packages are not ours. */
function isForbidden(path: string): boolean {
  return isTest(path) || /(?:^|\/)(?:node_modules|\.git|\.homeostat)\//.test(path)
}
