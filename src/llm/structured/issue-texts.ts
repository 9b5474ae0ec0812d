import { oneLine } from '../../core/text.js'
import { redact } from '../../repair/model/redact.js'
import type { SchemaIssue } from './standard-schema.js'

const issuesMax = 10
const issueLengthMax = 300
const pathPartsMax = 20
const pathPartLengthMax = 60
const excerptLengthMax = 500
/** Only so much is looked at for secrets; more than is kept, so that one at the edge is seen whole. */
const lookedAtMax = 4_000

/** What is wrong with a value, as texts that may be sent and logged: bounded, on one line each, without secrets. */
export function issueTexts(issues: readonly SchemaIssue[]): readonly string[] {
  const texts = issues.slice(0, issuesMax).map(({ message, path }) => {
    const place = placeOf(path)
    return safe(`${place === '' ? '' : `${place}: `}${message}`, issueLengthMax)
  })
  return issues.length > issuesMax ? [...texts, `and ${issues.length - issuesMax} more`] : texts
}

/** What a model is told whose answer did not fit. */
export function correctionOf(issues: readonly string[]): string {
  const list = issues.map((issue) => `- ${issue}`).join('\n')
  return `Your answer cannot be used:\n${list}\nAnswer again with the whole JSON value, corrected, and nothing else.`
}

/** The beginning of an answer, for people who look for the cause. */
export function excerptOf(answer: string): string {
  return safe(answer, excerptLengthMax)
}

/** A text of a stranger as it may be shown. */
function safe(text: string, lengthMax: number): string {
  return oneLine(redact(text.slice(0, lookedAtMax)), lengthMax)
}

/** `items[0].name` */
function placeOf(path: SchemaIssue['path']): string {
  return (path ?? [])
    .slice(0, pathPartsMax)
    .map((part) => (typeof part === 'object' ? part.key : part))
    .map((part, at) => {
      if (typeof part === 'number') return `[${part}]`
      const name = String(part).slice(0, pathPartLengthMax)
      return at === 0 ? name : `.${name}`
    })
    .join('')
}
