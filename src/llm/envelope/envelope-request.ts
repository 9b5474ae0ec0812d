import { canonicalJson, sha256 } from '../../core/hash.js'
import { framed, markFor } from '../../repair/model/data-marks.js'
import { createCover, type Cover } from './cover.js'
import { contentParts, emptyContents, type Contents } from './envelope-contents.js'
import { envelopeInstructions } from './envelope-instructions.js'
import { envelopeJson } from './envelope-json.js'
import {
  envelopeProtocol,
  envelopeVersion,
  invalid,
  parseEnvelopeInput,
  type EnvelopeDocument,
  type EnvelopeInput,
  type ParsedEnvelopeInput,
} from './envelope-schema.js'
import { personalKinds, type PersonalKind } from './personal-data.js'

export interface EnvelopeLimits {
  /** Longest request, instructions included, in bytes of UTF-8; 8 KiB to 512 KiB. Default 32 KiB. */
  readonly bytesMax?: number
  /** What is covered besides secrets, as personal data; all kinds by default. Secrets are always covered. */
  readonly personalData?: readonly PersonalKind[]
}

/** A request as it leaves the process, and what is needed to read its reply. */
export interface EnvelopeRequest {
  readonly version: typeof envelopeVersion
  readonly requestId: string
  /**
   * SHA-256 (hex) of what is asked: context, trend and constraints as they are sent. Ids, times, earlier attempts, what was wrong
   * with a reply, and labels are no part of it, so the same question has the same hash whenever it is asked.
   */
  readonly hash: string
  /** What is sent: instructions, and the document between marks that occur nowhere in it. */
  readonly text: string
  readonly document: EnvelopeDocument
  /** As given, and not covered: a reply is held to these. */
  readonly constraints: ParsedEnvelopeInput['constraints']
  /** Knows what the placeholders stand for; never sent. */
  readonly cover: Cover
}

/**
 * Makes a request for a patch. Secrets and personal data are covered; what does not fit is left out, the least valuable first,
 * and the document says so. The most valuable are the message, the first file, what the command printed, the last patch, and the
 * latest attempts.
 *
 * @throws HS_INPUT_INVALID when a field cannot be, or when the constraints alone do not fit.
 * @throws RangeError when a limit cannot be.
 */
export function createEnvelopeRequest(input: EnvelopeInput, limits: EnvelopeLimits = {}): EnvelopeRequest {
  const { bytesMax, personalData } = checkedLimits(limits)
  const known = parseEnvelopeInput(input)
  const cover = createCover(personalData)
  const parts = contentParts(known, cover)
  const frame = documentOf(known, cover, emptyContents)
  const room = bytesMax - Buffer.byteLength(textOf(frame)) - parts.reservedBytes
  if (room < 0) throw invalid(`it needs ${-room} bytes more than bytesMax for the paths and constraints alone`)
  const document = documentOf(known, cover, parts.fill(room))
  return {
    version: envelopeVersion,
    requestId: known.requestId,
    hash: document.hash,
    text: textOf(document),
    document,
    constraints: known.constraints,
    cover,
  }
}

/** The hash that a document must have: see {@link EnvelopeRequest.hash}. */
export function envelopeHash({ protocol, version, context, trend, constraints }: Omit<EnvelopeDocument, 'hash'>): string {
  return sha256(canonicalJson({ protocol, version, context, trend, constraints }))
}

const bytesMin = 8 * 1024
const bytesMost = 512 * 1024

function checkedLimits({ bytesMax = 32 * 1024, personalData = personalKinds }: EnvelopeLimits): Required<EnvelopeLimits> {
  if (!Number.isInteger(bytesMax) || bytesMax < bytesMin || bytesMax > bytesMost)
    throw new RangeError(
      `Cannot make a request: bytesMax must be a whole number from ${bytesMin} to ${bytesMost}, not ${bytesMax}`,
    )
  const unknown = personalData.find((kind) => !personalKinds.includes(kind))
  if (unknown !== undefined)
    throw new RangeError(`Cannot make a request: personalData knows ${personalKinds.join(', ')}, not "${String(unknown)}"`)
  return { bytesMax, personalData }
}

/** The document with the given contents; everything else in it is bounded by the schema of the input. */
function documentOf(known: ParsedEnvelopeInput, cover: Cover, contents: Contents): EnvelopeDocument {
  const { message, files, output, lastPatch, attempts, notes, developerMessage, labels, cut } = contents
  const { error, trend, constraints, metadata, lastReplyProblem } = known
  const { code, file } = error
  const unhashed: Omit<EnvelopeDocument, 'hash'> = {
    protocol: envelopeProtocol,
    version: envelopeVersion,
    context: {
      error: {
        ...error,
        message,
        ...(code !== undefined && { code: cover.cover(code) }),
        ...(file !== undefined && { file: cover.cover(file) }),
      },
      files: [...files],
      output,
      lastPatch,
      notes: [...notes],
    },
    trend,
    attempts: [...attempts],
    constraints: {
      linesChangedMax: constraints.linesChangedMax,
      disallowed: constraints.disallowed.map((text) => cover.cover(text)),
      ...(constraints.paths !== undefined && { paths: constraints.paths.map((path) => cover.cover(path)) }),
    },
    ...(lastReplyProblem !== undefined && {
      lastReplyProblem: { code: lastReplyProblem.code, message: cover.cover(lastReplyProblem.message) },
    }),
    cut: [...cut],
    metadata: {
      ...metadata,
      ...(metadata.sessionId !== undefined && { sessionId: cover.cover(metadata.sessionId) }),
      requestId: known.requestId,
      epochMs: known.epochMs,
      developerMessage,
      labels: Object.fromEntries(labels),
    },
  }
  return { ...unhashed, hash: envelopeHash(unhashed) }
}

function textOf(document: EnvelopeDocument): string {
  const json = envelopeJson(document)
  const mark = markFor([json])
  return `${envelopeInstructions({ mark, hash: document.hash })}\n${framed(mark, envelopeProtocol, json)}`
}
