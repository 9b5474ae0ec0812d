import type { Fault, HealingResult, SecurityAudit, SelfHealingOrchestrator, ValidationReport } from '../index.js'
import { colourDiff } from '../patch/index.js'
import { duration, painter, type Terminal } from './terminal.js'

/** Tells a person each step of a healing as it happens. */
export function showProgress(healer: SelfHealingOrchestrator, terminal: Terminal): void {
  const paint = painter(terminal.colour)
  const say = (label: string, text: string): void => terminal.err(`${paint('bold', label.padEnd(11))}${text}\n`)
  const note = (text: string): void => terminal.err(`${' '.repeat(11)}${paint('dim', text)}\n`)

  healer.on('command.started', ({ command, where }) => say(where === 'workspace' ? 'run' : 'sandbox', command.join(' ')))
  healer.on('command.finished', ({ exitCode, durationMs }) =>
    note(
      `${exitCode === 0 ? 'passes' : exitCode === null ? 'did not end by itself' : `fails with exit code ${exitCode}`} after ${duration(durationMs)}`,
    ),
  )
  healer.on('command.stalled', ({ silentMs }) =>
    note(`has written and computed nothing for ${duration(silentMs)}: it waits for something`),
  )
  healer.on('fault.detected', ({ fault, others }) => {
    say('fault', `${paint('red', fault.category)} ${fault.code}${placeOf(fault)}`)
    note(`${fault.message}${others > 0 ? ` (and ${others} more)` : ''}`)
  })
  healer.on('attempt.delayed', ({ attempt, delayMs }) => say('retry', `number ${attempt}, in ${duration(delayMs)}`))
  healer.on('diagnosis.made', ({ diagnosis }) => {
    const [best] = diagnosis.hypotheses
    if (best !== undefined) say('diagnosis', best.cause)
  })
  healer.on('candidate.tried', ({ title, repairer, result, reason }) => {
    say('try', `${title} ${paint('dim', `(${repairer})`)}`)
    const words = {
      solved: 'the command passes',
      advanced: 'this fault is gone, the next one shows',
      unchanged: 'does not help, taken back',
      blocked: 'blocked by the audit',
      'not-taken': 'could not be done',
    }
    note(reason === undefined ? words[result] : `${words[result]}: ${reason}`)
  })
  healer.on('patch.proposed', ({ patch, diff }) => {
    say('patch', patch.title)
    for (const action of patch.actions) {
      note(
        action.kind === 'chmod'
          ? `mode of ${action.path} ${action.modeBefore.toString(8)} → ${action.mode.toString(8)}`
          : `install with ${action.manager}: ${action.packages.map(({ name }) => name).join(', ') || 'what is declared'}, without scripts`,
      )
    }
    terminal.err(indent(colourDiff(diff, terminal.colour)))
  })
  healer.on('patch.audited', ({ audit }) => showAudit(audit, say, note))
  healer.on('patch.validated', ({ validation }) => showValidation(validation, say, note))
  healer.on('patch.scored', ({ confidence: { probability, interval, state } }) =>
    say(
      'confidence',
      `${probability.toFixed(2)} [${interval[0].toFixed(2)}, ${interval[1].toFixed(2)}]${state === 'prior' ? ', an informed guess: no outcome has been learnt from yet' : ''}`,
    ),
  )
  healer.on('patch.applied', ({ transactionId }) =>
    say('applied', `as transaction ${transactionId}; undo with "homeostat rollback ${transactionId}"`),
  )
  healer.on('patch.rolled-back', ({ reason }) => say('rolled back', reason))
  healer.on('transaction.recovered', ({ transactionId, result }) =>
    say('recovered', `transaction ${transactionId}, which was cut off: ${result}`),
  )
  healer.on('decision.made', ({ decision }) => say('decision', `${paint('bold', decision.kind)}: ${decision.reasons.join(', ')}`))
}

/** The last words: how it ended, and what a person can do now. */
export function showResult(result: HealingResult, terminal: Terminal): void {
  const paint = painter(terminal.colour)
  const good = result.outcome === 'healthy' || result.outcome === 'recovered' || result.outcome === 'healed'
  terminal.err(
    `\n${paint(good ? 'green' : 'yellow', result.outcome)} after ${duration(result.durationMs)}: ${meanings[result.outcome]}\n`,
  )
  const advice = good ? [] : [...new Set([...result.notes, ...(result.diagnosis?.advice ?? [])])]
  if (!good && result.diagnosis !== undefined) terminal.err(`  ${result.diagnosis.summary}\n`)
  for (const line of advice.slice(0, 12)) terminal.err(`  - ${line}\n`)
}

const meanings: Readonly<Record<HealingResult['outcome'], string>> = {
  healthy: 'the command passes, nothing was changed',
  recovered: 'the fault was transient and went away, nothing was changed',
  healed: 'the patch is applied and the command passes',
  proposed: 'a validated patch waits for your approval, nothing was changed; run again with --autonomy apply to apply it',
  escalated: 'a person must decide, nothing was changed',
  refused: 'the security audit refused the patch, nothing was changed',
  failed: 'the patch could not be applied or did not hold, the tree is as it was',
}

type Say = (label: string, text: string) => void

/** The verdict of an audit and each finding. */
export function showAudit(audit: SecurityAudit, say: Say, note: (text: string) => void): void {
  say('audit', `${audit.verdict}${audit.findings.length === 0 ? ', nothing found' : ''}`)
  for (const { rule, verdict, message, location, suppressed } of audit.findings.slice(0, 20)) {
    const place = `${location.file}${location.line === undefined ? '' : `:${location.line}`}`
    const borne = suppressed === undefined ? '' : ` (suppressed until ${suppressed.until}: ${suppressed.reason})`
    note(`${suppressed?.verdict ?? verdict} ${rule} ${place} ${message}${borne}`)
  }
}

function showValidation({ passed, checks, absent, sandbox }: ValidationReport, say: Say, note: (text: string) => void): void {
  say('validation', `${passed ? 'passed' : 'failed'} in the sandbox (${sandbox})`)
  for (const check of checks)
    note(
      `${check.passed ? '✓' : check.passedBefore === false ? '·' : '✗'} ${check.detail ?? check.command.join(' ')}${check.passedBefore === false ? ' (failed before, too)' : ''}`,
    )
  if (absent.length > 0) note(`not checked: ${absent.map(({ name }) => name).join(', ')}`)
}

function placeOf({ location }: Fault): string {
  return location === undefined ? '' : ` in ${location.file}${location.line === undefined ? '' : `:${location.line}`}`
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '    ')
}
