import type { Diagnosis } from '../core/diagnosis.js'
import type { Fault, FaultCategory } from '../core/fault.js'

/**
 * What is probably wrong, from the faults of one output and what repairers noted. Pure.
 *
 * @param faults - Root faults first, at least one.
 * @param notes - What repairers found out without being able to heal it; they come first in the advice.
 */
export function diagnose(faults: readonly [Fault, ...Fault[]], notes: readonly string[] = []): Diagnosis {
  const [root, ...others] = faults
  const where =
    root.location === undefined
      ? ''
      : ` in ${root.location.file}${root.location.line === undefined ? '' : `:${root.location.line}`}`
  return {
    summary: `${nouns[root.category]} (${root.code})${where}: ${root.message}`,
    hypotheses: hypothesesOf(root, others),
    advice: [...new Set([...notes, ...adviceOf(root)])],
    impact: { severity: root.severity, files: filesOf(faults) },
  }
}

/** The root is blamed first; faults that merely follow it share what is left of the belief, and hold more when it is generic. */
function hypothesesOf(root: Fault, others: readonly Fault[]): Diagnosis['hypotheses'] {
  const rootShare = others.length === 0 ? 0.9 : 0.7
  const distinct = others.filter((other) => other.fingerprint !== root.fingerprint).slice(0, 4)
  return [
    { cause: causeOf(root), evidence: root.evidence, plausibility: rootShare },
    ...distinct.map((other, index) => ({
      cause: causeOf(other),
      evidence: other.evidence,
      plausibility: ((1 - rootShare) * 0.5) / (index + 1),
    })),
  ]
}

const nouns: Readonly<Record<FaultCategory, string>> = {
  dependency: 'A dependency is missing',
  syntax: 'A file cannot be parsed',
  test: 'A test fails',
  build: 'The build fails',
  runtime: 'The program throws',
  network: 'A remote service does not answer',
  permission: 'An access is denied',
  configuration: 'The configuration is wrong',
  deployment: 'The deployment is refused',
}

function causeOf({ category, code, message, details }: Fault): string {
  const specifier = details['specifier'] ?? details['package'] ?? details['program']
  switch (category) {
    case 'dependency':
      return specifier === undefined
        ? `Something that is imported cannot be found (${code})`
        : `"${specifier}" cannot be found: not installed, not declared, or misspelt`
    case 'syntax':
      return `The text is damaged: ${message}`
    case 'test':
      return `The code does not do what its test expects, or the expectation is out of date: ${message}`
    case 'build':
      return `The compiler or bundler rejects the code: ${message}`
    case 'runtime':
      return code === 'TIMED_OUT'
        ? 'Something is waited for that does not come, or an end that nobody reaches'
        : `The code meets a case that it does not handle: ${message}`
    case 'network':
      return details['host'] === undefined
        ? `A remote service is down, slow or refuses us (${code})`
        : `"${details['host']}" is down, slow or refuses us (${code})`
    case 'permission':
      return details['path'] === undefined
        ? `The process may not do what it tried (${code})`
        : `The process may not use "${details['path']}" (${code})`
    case 'configuration':
      return `A setting is missing or wrong: ${message}`
    case 'deployment':
      return `The platform refuses the release: ${message}`
  }
}

/** What a person can do. General on purpose: what is specific comes from the repairers' notes. */
function adviceOf({ category, code, transient, details, location }: Fault): readonly string[] {
  const path = details['path'] ?? location?.file
  switch (category) {
    case 'dependency':
      return ['Check the spelling of the import, install what the manifest declares, or declare what is used']
    case 'syntax':
      return [`Open ${path ?? 'the file named above'} at the place shown; recover it from version control if content is lost`]
    case 'test':
      return ['Decide whether the code or the expectation is right; homeostat never edits a test']
    case 'build':
      return ['Fix the first error first: later ones often follow from it']
    case 'runtime':
      return code === 'TIMED_OUT'
        ? [
            'See what it waits for: an open server or timer, a lock, or an answer on standard input',
            'Raise "sandbox.timeoutMs" of the policy if it only needs longer',
          ]
        : ['Follow the topmost stack frame inside the project']
    case 'network':
      return transient
        ? ['Check that the service is up and reachable from here, then run the command again']
        : ['Check host name, credentials and quota: a retry alone will not help']
    case 'permission':
      return [
        `Check owner and mode of ${path ?? 'the path named above'}; homeostat never uses sudo and only touches files of the workspace`,
      ]
    case 'configuration':
      return ['Compare the setting with the documentation or with an example file beside it']
    case 'deployment':
      return ['Read the platform’s own log of the release; nothing in the project is changed']
  }
}

function filesOf(faults: readonly Fault[]): readonly string[] {
  return [...new Set(faults.flatMap((fault) => (fault.location === undefined ? [] : [fault.location.file])))].slice(0, 20)
}
