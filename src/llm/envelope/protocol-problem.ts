import { oneLine } from '../../core/text.js'

/** What can be wrong with a reply, and what is done about it. */
const problems = {
  'reply-not-text': { severity: 'medium', recoverable: true },
  'reply-too-long': { severity: 'medium', recoverable: true },
  'reply-empty': { severity: 'low', recoverable: true },
  'reply-cut': { severity: 'low', recoverable: true },
  'reply-mixed': { severity: 'low', recoverable: true },
  'json-malformed': { severity: 'low', recoverable: true },
  'schema-mismatch': { severity: 'low', recoverable: true },
  // A reader of this version would have to guess what another version means.
  'version-unknown': { severity: 'medium', recoverable: true },
  // It answers another question: an old reply, or one that was made up elsewhere.
  'request-mismatch': { severity: 'high', recoverable: true },
  'no-patch': { severity: 'low', recoverable: true },
  'diff-malformed': { severity: 'low', recoverable: true },
  'diff-empty': { severity: 'low', recoverable: true },
  'text-covered': { severity: 'medium', recoverable: true },
  'control-characters': { severity: 'high', recoverable: true },
  'patch-too-large': { severity: 'medium', recoverable: true },
  'text-disallowed': { severity: 'medium', recoverable: true },
  'path-disallowed': { severity: 'medium', recoverable: true },
  // Whoever asks for these is not mistaken but means it: asking again only gives another try.
  'path-refused': { severity: 'high', recoverable: false },
  'content-refused': { severity: 'high', recoverable: false },
} as const satisfies Record<string, { readonly severity: 'low' | 'medium' | 'high'; readonly recoverable: boolean }>

export type ProtocolProblemCode = keyof typeof problems

/** Why a reply cannot be used. */
export interface ProtocolProblem {
  readonly code: ProtocolProblemCode
  /** One line of at most 300 characters that a model can be told. It may quote the reply: untrusted text. */
  readonly message: string
  readonly severity: 'low' | 'medium' | 'high'
  /** Whether it is worth asking again, saying what was wrong. */
  readonly recoverable: boolean
}

export function problemOf(code: ProtocolProblemCode, message: string): ProtocolProblem {
  return Object.freeze({ code, message: oneLine(message, 300), ...problems[code] })
}
