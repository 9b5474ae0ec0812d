import type { Language } from './language.js'

/** A half-open range of offsets. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A text and two views of it of the same length, so that an offset means the same place in each. Line ends stay. */
export interface MaskedText {
  /** Comments and what stands inside strings, templates and regular expressions are blanks. */
  readonly code: string
  /** Only comments are blanks. */
  readonly plain: string
  readonly comments: readonly Span[]
  /** Strings and pieces of templates, quotes excluded. */
  readonly strings: readonly Span[]
  /** Regular-expression literals, slashes included. */
  readonly regexes: readonly Span[]
}

/**
 * Reads a text just well enough to tell code from comments and strings, also when it does not parse: an unclosed string
 * ends with its line. Linear in the length of the text.
 *
 * @param beginning - What the text may begin in the middle of, when it is a piece of a file.
 */
export function maskText(text: string, language: Language, beginning: Beginning = 'file'): MaskedText {
  if (language === 'script' || language === 'json') return masked(text, scanScript(text, beginning))
  if (language === 'hash') return masked(text, scanHash(text))
  if (language === 'markup') return masked(text, { ...nothing(), comments: spansOf(text, /<!--[^]*?(?:-->|$)/g) })
  return masked(text, nothing())
}

/** `file`: nothing stands above the text; `code`: something does; `comment`: something does, and it may be the beginning of a comment. */
export type Beginning = 'file' | 'code' | 'comment'

interface Spans {
  comments: Span[]
  strings: Span[]
  regexes: Span[]
}

function nothing(): Spans {
  return { comments: [], strings: [], regexes: [] }
}

function masked(text: string, spans: Spans): MaskedText {
  const plain = blanked(text, spans.comments)
  const hidden = [...spans.strings, ...spans.regexes].sort((a, b) => a.start - b.start)
  return { ...spans, plain, code: blanked(plain, hidden) }
}

function blanked(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text
  const parts: string[] = []
  let at = 0
  for (const { start, end } of spans) {
    parts.push(text.slice(at, start), text.slice(start, end).replace(/[^\n]/g, ' '))
    at = end
  }
  parts.push(text.slice(at))
  return parts.join('')
}

function spansOf(text: string, pattern: RegExp): Span[] {
  return Array.from(text.matchAll(pattern), (match) => ({ start: match.index, end: match.index + match[0].length }))
}

/** Where comments, strings, templates and regular expressions are, by one pass over the text. */
function scanScript(text: string, beginning: Beginning): Spans {
  const spans = nothing()
  /** Open braces: `true` for one that `${` opened. */
  const braces: boolean[] = []
  let noRegexBefore = 0
  /** The last thing that counts: decides whether `/` divides or begins a regular expression. */
  let last = ''
  let at = beginning === 'comment' ? commentHead(text) : 0
  if (at > 0) spans.comments.push({ start: 0, end: at })

  const template = (from: number): number => {
    // In a piece of a file a backtick may as well close a template: what follows on other lines is better seen than hidden.
    const whole = endOfTemplatePiece(text, from)
    const end = beginning === 'file' ? whole : Math.min(whole, endOfLine(text, from))
    spans.strings.push({ start: from, end })
    if (text[end] === '$') {
      braces.push(true)
      last = '{'
      return end + 2
    }
    last = '`'
    return text[end] === '`' ? end + 1 : end
  }

  while (at < text.length) {
    const char = text.charAt(at)
    if (char === ' ' || char === '\t' || char === '\n' || char === '\r') {
      at += 1
    } else if (char === '/' && text[at + 1] === '/') {
      const end = endOfLine(text, at)
      spans.comments.push({ start: at, end })
      at = end
    } else if (char === '/' && text[at + 1] === '*') {
      const close = text.indexOf('*/', at + 2)
      const end = close < 0 ? text.length : close + 2
      spans.comments.push({ start: at, end })
      at = end
    } else if (char === '"' || char === "'") {
      const end = endOfString(text, at + 1, char)
      spans.strings.push({ start: at + 1, end })
      at = text[end] === char ? end + 1 : end
      last = char
    } else if (char === '`') {
      at = template(at + 1)
    } else if (char === '}' && braces.pop() === true) {
      at = template(at + 1)
    } else if (char === '/' && at >= noRegexBefore && regexMayBegin(last) && text[at + 1] !== '>') {
      const end = endOfRegex(text, at + 1)
      if (end === undefined) noRegexBefore = endOfLine(text, at)
      else spans.regexes.push({ start: at, end })
      at = end ?? at + 1
      last = '/'
    } else if (isWordPart(text.charCodeAt(at))) {
      const start = at
      while (at < text.length && isWordPart(text.charCodeAt(at))) at += 1
      last = text.slice(start, Math.min(at, start + 12))
    } else {
      if (char === '{') braces.push(false)
      last = char === '<' && text[at + 1] === '/' ? ')' : char
      at += 1
    }
  }
  return spans
}

/**
 * The length of the rest of a block comment that a fragment begins with; 0 when it begins with code. Only lines that all
 * begin with a star are taken for one, up to its end: whatever else it might be is better seen than hidden.
 */
function commentHead(text: string): number {
  const close = text.indexOf('*/')
  const end = close < 0 ? text.length : close + 2
  return text
    .slice(0, end)
    .split('\n')
    .every((line) => /^\s{0,200}\*(?:[\s*/]|$)/.test(line))
    ? end
    : 0
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

function endOfString(text: string, from: number, quote: string): number {
  let at = from
  while (at < text.length) {
    const char = text[at]
    if (char === quote || char === '\n') return at
    at += char === '\\' ? 2 : 1
  }
  return text.length
}

function endOfTemplatePiece(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    const char = text[at]
    if (char === '`' || (char === '$' && text[at + 1] === '{')) return at
    at += char === '\\' ? 2 : 1
  }
  return text.length
}

/** The offset after the closing slash and the flags; `undefined` when the line ends first. */
function endOfRegex(text: string, from: number): number | undefined {
  let inClass = false
  for (let at = from; at < text.length; at += 1) {
    const char = text[at]
    if (char === '\n') return undefined
    if (char === '\\') at += 1
    else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if (char === '/' && !inClass) {
      let end = at + 1
      while (isWordPart(text.charCodeAt(end))) end += 1
      return end
    }
  }
  return undefined
}

function regexMayBegin(last: string): boolean {
  return last === '' || '(,=:[!&|?{;+-*%~^<>'.includes(last) || beforeRegex.has(last)
}

const beforeRegex = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'delete',
  'void',
  'throw',
  'new',
  'do',
  'else',
  'instanceof',
  'yield',
  'await',
])

function isWordPart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 36 ||
    code > 127
  )
}

/** `#` begins a comment at the start of a line or after a blank, outside of quotes that close on their line. */
function scanHash(text: string): Spans {
  const spans = nothing()
  let noQuoteBefore = 0
  let at = 0
  while (at < text.length) {
    const char = text.charAt(at)
    if (char === '#' && (at === 0 || /\s/.test(text.charAt(at - 1)))) {
      const end = endOfLine(text, at)
      spans.comments.push({ start: at, end })
      at = end
    } else if ((char === '"' || char === "'") && at >= noQuoteBefore) {
      const end = endOfString(text, at + 1, char)
      // An apostrophe in unquoted YAML or shell text opens nothing; neither does what follows it on the line.
      if (text[end] === char) spans.strings.push({ start: at + 1, end })
      else noQuoteBefore = endOfLine(text, at)
      at = text[end] === char ? end + 1 : at + 1
    } else {
      at += 1
    }
  }
  return spans
}
