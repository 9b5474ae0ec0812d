import { printable } from '../../core/text.js'
import { surplus } from '../../repair/code/code-brackets.js'
import { tokenize } from '../../repair/code/code-tokens.js'
import { mayBeShown } from '../../repair/model/model-files.js'
import { allotments } from './allotments.js'
import type { Cover } from './cover.js'
import { coveredText } from './covered-text.js'
import { cutBytesOf, filePart, listPart, textPart, type Part } from './envelope-parts.js'
import type { EnvelopeCut, EnvelopeDocument, ParsedEnvelopeInput } from './envelope-schema.js'

type FileExcerpt = EnvelopeDocument['context']['files'][number]
type GivenFile = ParsedEnvelopeInput['files'][number]

/** What of a document may be cut, and what was. */
export interface Contents {
  readonly message: string
  readonly files: readonly FileExcerpt[]
  readonly output: string
  readonly lastPatch: string
  readonly attempts: EnvelopeDocument['attempts']
  readonly notes: readonly string[]
  readonly developerMessage: string
  readonly labels: readonly (readonly [string, string])[]
  readonly cut: readonly EnvelopeCut[]
}

export const emptyContents: Contents = {
  message: '',
  files: [],
  output: '',
  lastPatch: '',
  attempts: [],
  notes: [],
  developerMessage: '',
  labels: [],
  cut: [],
}

/** The contents of a request, covered, of which as much is taken as there is room for. */
export interface ContentParts {
  /** What it takes at most to say what was cut. */
  readonly reservedBytes: number
  fill(bytesMax: number): Contents
}

/** What is asked comes before what is told about it, so that a placeholder in the question never depends on the rest. */
export function contentParts(known: ParsedEnvelopeInput, cover: Cover): ContentParts {
  const message = textPart('context.error.message', coveredText(known.error.message, cover))
  const shown = known.files.filter(({ path }) => mayBeShown(path))
  const hidden = known.files.filter(({ path }) => !mayBeShown(path)).map((file) => notShown(file, cover))
  const files = shown.map((file) => partOfFile(file, cover))
  const output = textPart('context.output', coveredText(known.output ?? '', cover))
  const lastPatch = textPart('context.lastPatch', coveredText(known.lastPatch ?? '', cover))
  const notes = listPart(
    'context.notes',
    known.notes.map((note) => short(note, cover)),
  )
  const attempts = listPart(
    'attempts',
    known.attempts.map((attempt) => ({ ...attempt, message: short(attempt.message, cover) })),
  )
  const { metadata } = known
  const developerMessage = textPart('metadata.developerMessage', coveredText(metadata.developerMessage ?? '', cover))
  const labels = listPart(
    'metadata.labels',
    Object.entries(metadata.labels).map(([name, value]) => [cover.cover(name), cover.cover(value)] as const),
  )

  const [first, ...others] = files
  const order: readonly (readonly [part: Part<unknown>, share: number])[] = [
    [message, 0.2],
    ...(first === undefined ? [] : [[first, 0.4] as const]),
    [output, 0.2],
    [lastPatch, 0.15],
    [attempts, 0.1],
    ...others.map((part) => [part, 0.2] as const),
    [notes, 0],
    [developerMessage, 0],
    [labels, 0],
  ]
  return {
    reservedBytes: [...order.map(([{ name }]) => name), ...hidden.map(({ part }) => part)].reduce(
      (sum, name) => sum + cutBytesOf(name),
      0,
    ),
    fill(bytesMax) {
      const bytes = allotments(
        order.map(([part, share]) => ({ bytes: part.bytes, share })),
        bytesMax,
      )
      const cut = [...hidden]
      const take = <T>(part: Part<T>): T => {
        const taken = part.take(bytes[order.findIndex(([other]) => other === part)] ?? 0)
        if (taken.cut !== undefined) cut.push(taken.cut)
        return taken.value
      }
      return {
        message: take(message),
        files: files.map(take).filter((file) => file !== undefined),
        output: take(output),
        lastPatch: take(lastPatch),
        attempts: [...take(attempts)],
        notes: take(notes),
        developerMessage: take(developerMessage),
        labels: take(labels),
        cut, // evaluated last: by now it holds all
      }
    },
  }
}

const lineLengthMax = 500
const surplusLengthMax = 256 * 1024

function short(text: string, cover: Cover): string {
  return printable(coveredText(text, cover).text, lineLengthMax)
}

function notShown({ path, text }: GivenFile, cover: Cover): EnvelopeCut {
  return { part: `context.files ${cover.cover(path)}`, bytes: Buffer.byteLength(text), kept: 0, reason: 'not-shown' }
}

function partOfFile({ path, text, line = 1 }: GivenFile, cover: Cover): Part<FileExcerpt | undefined> {
  return filePart({ path: cover.cover(path), line, ...coveredText(text, cover) }, bracketFacts(path, text))
}

/** Brackets without a partner, where the language is known: models see a damaged file better when they are told of it. */
function bracketFacts(path: string, text: string): Pick<FileExcerpt, 'bracketSurplus'> {
  if (text.length > surplusLengthMax || !/\.[cm]?[jt]sx?$/.test(path)) return {}
  const [round, square, curly] = surplus(tokenize(text).tokens)
  return round === 0 && square === 0 && curly === 0 ? {} : { bracketSurplus: { round, square, curly } }
}
