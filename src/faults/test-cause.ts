import { lineAt } from './output.js'
import type { Draft, Sighting } from './rule.js'
import { kindOfMessage, runtimeError } from './rules-runtime.js'
import { messageAt } from './test-error.js'

/** Where the error of a test stands. */
interface Found {
  readonly errorAt: number
  readonly report: { readonly end: number } | undefined
}

/**
 * The error of the program that a test fails for, where its kind and its message stand apart, so that no rule for errors
 * would know it: in the YAML of TAP, in XML, and where a runner leaves the kind out.
 */
export function causeOf(test: Draft, sighting: Sighting, found: Found): Draft | undefined {
  const { output, index, line } = sighting
  if (line.startsWith('not ok ') && lineAt(output, index + 1) === '---') return causeInYaml(test, sighting)
  const message = messageAt(output, found.errorAt)
  if (line.startsWith('<failure')) {
    const [, kind, words] = typedMessage.exec(message) ?? []
    return kind === undefined || words === undefined
      ? undefined
      : { ...runtimeDraft(test, kind, words), lineLast: (found.report?.end ?? index + 1) - 1 }
  }
  const kind = /^FAIL {1,3}(?:[^\s"].{0,200}? {1,3})?"/.test(line) ? kindOfMessage(message) : undefined // uvu
  return kind === undefined ? undefined : runtimeDraft(test, kind, message)
}

const typedMessage = /^(TypeError|ReferenceError|RangeError)(?: \[\w{1,40}\])?: (.{1,400})$/

/** A program that may not be started: `error: 'spawnSync ./bin/run EACCES'`. */
const refusedCall = /^(?:error|message): ['"]?(?<syscall>spawn(?:Sync)?|execve?) (?<path>\S{1,400}) (?<code>EACCES|EPERM)['"]?$/

function causeInYaml(test: Draft, { output, index }: Sighting): Draft | undefined {
  const below = output.lines.slice(index + 1, index + 40)
  const end = below.indexOf('...')
  const block = below.slice(0, end < 0 ? below.length : end)
  const refused = block.map((line) => refusedCall.exec(line)?.groups).find((groups) => groups !== undefined)
  if (refused !== undefined)
    return {
      ...test,
      category: 'permission',
      code: refused['code'] ?? 'EACCES',
      rank: 'cause',
      details: { path: refused['path'], syscall: refused['syscall'] },
    }
  // AVA shows the error that a test wanted another one for in the same way.
  if (block.some((line) => line.startsWith('assertion: '))) return undefined
  const kind = block
    .map((line) => /^name: '?(TypeError|ReferenceError|RangeError)'?$|^(TypeError|ReferenceError|RangeError) \{$/.exec(line))
    .find((match) => match !== null)
  const said = kind?.[1] ?? kind?.[2]
  if (said === undefined) return undefined
  const message = messageIn(block)
  if (message === 'fetch failed')
    return { ...test, category: 'network', code: 'FETCH_FAILED', rank: 'cause', message: `${said}: ${message}`, details: {} }
  return runtimeDraft(test, said, message)
}

function messageIn(block: readonly string[]): string {
  const quoted = block
    .map((line) => /^(?:error|message): (['"])(.{1,400})\1,?$/.exec(line)?.[2])
    .find((found) => found !== undefined)
  return (quoted ?? '').replaceAll("\\'", "'").replaceAll('\\"', '"')
}

function runtimeDraft(test: Draft, kind: string, message: string): Draft {
  const { details, ...error } = runtimeError(kind, message)
  return {
    ...test,
    category: 'runtime',
    code: kind,
    rank: 'crash',
    ...error,
    details: { ...details, test: test.details['test'] },
  }
}
