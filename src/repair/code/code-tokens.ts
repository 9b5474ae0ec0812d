/** Brackets by shape; `''` for none. A template's `${` opens a brace, and what follows its `}` closes it. */
export type Bracket = '' | '(' | '[' | '{'

/** A token of JavaScript or TypeScript text that may be damaged anywhere. */
export interface CodeToken {
  /** `bad`: no token starts like this, or it lacks its end. */
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'mark' | 'bad'
  readonly start: number
  readonly end: number
  readonly text: string
  /** White space before it: none, one blank, more than one, or a line break. */
  readonly gap: '' | ' ' | '  ' | '\n'
  /** Column, when it is the first on its line; else -1. */
  readonly indentation: number
  readonly opens: Bracket
  readonly closes: Bracket
}

export interface CodeComment {
  readonly start: number
  readonly end: number
  /** Whether a block comment lacks its end. */
  readonly open: boolean
}

export interface CodeTokens {
  readonly tokens: readonly CodeToken[]
  readonly comments: readonly CodeComment[]
  /** How many tokens are `bad`, and comments open. */
  readonly bad: number
}

const space = /[\s\ufeff]+/y
const word = /#?[\p{ID_Start}$_\\][\p{ID_Continue}$\u200c\u200d]*/uy
const number = /(?:0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)n?/y
const mark =
  />>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|<<|>>|\*\*|[{}()[\];,<>+\-*/%&|^!~?:=.@#]/y
const string = /"(?:[^"\\\n\r]|\\(?:\r\n|[^]))*"|'(?:[^'\\\n\r]|\\(?:\r\n|[^]))*'/y
const regex = /\/(?![*/])(?:[^\\/[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+\/[a-z]{0,8}/y
const templatePart = /(?:[^`\\$]|\\[^]|\$(?!\{))*(`|\$\{)/y

/** Each failure costs up to a line: after so many the rest is taken for divisions. */
const regexFailuresMax = 50

const brackets: ReadonlyMap<string, readonly [opens: Bracket, closes: Bracket]> = new Map([
  ['(', ['(', '']],
  ['[', ['[', '']],
  ['{', ['{', '']],
  [')', ['', '(']],
  [']', ['', '[']],
  ['}', ['', '{']],
])

/** Splits `text` into tokens and comments; never throws, whatever it is given. Linear but for unclosed literals, which end at their line. */
export function tokenize(text: string): CodeTokens {
  return new Tokenizer(text).run()
}

/** A token as it would stand in a text, for judging an insertion. */
export function imagined(text: string, gap: CodeToken['gap']): CodeToken {
  const [opens, closes] = brackets.get(text) ?? ['', '']
  return { kind: /^\w/.test(text) ? 'word' : 'mark', start: -1, end: -1, text, gap, indentation: -1, opens, closes }
}

class Tokenizer {
  readonly #text: string
  readonly #tokens: CodeToken[] = []
  readonly #comments: CodeComment[] = []
  /** Depth of open brackets at which each open template goes on. */
  readonly #templates: number[] = []
  #depth = 0
  #bad = 0
  #at = 0
  #gap: CodeToken['gap'] = '\n'
  #lineStart = 0
  #first = true
  #regexFailures = 0
  /** Once a template is known to be unclosed, no later one is looked for to the text's end. */
  #templateUnclosed = false

  constructor(text: string) {
    this.#text = text
  }

  run(): CodeTokens {
    if (this.#text.startsWith('#!')) this.#at = this.#lineEnd(0)
    while (this.#at < this.#text.length) {
      if (!this.#skip()) this.#next()
    }
    return { tokens: this.#tokens, comments: this.#comments, bad: this.#bad }
  }

  /** White space and comments. */
  #skip(): boolean {
    const from = this.#at
    const blank = this.#match(space)
    if (blank !== undefined) {
      const line = blank.lastIndexOf('\n')
      if (line !== -1) {
        this.#gap = '\n'
        this.#first = true
        this.#lineStart = from + line + 1
      } else if (this.#gap !== '\n') this.#gap = blank.length > 1 || this.#gap === ' ' ? '  ' : ' '
      this.#at += blank.length
      return true
    }
    if (this.#text.startsWith('//', from)) {
      this.#comment(this.#lineEnd(from), false)
      return true
    }
    if (!this.#text.startsWith('/*', from)) return false
    const close = this.#text.indexOf('*/', from + 2)
    if (close === -1) this.#bad += 1
    this.#comment(close === -1 ? this.#text.length : close + 2, close === -1)
    return true
  }

  #comment(end: number, open: boolean): void {
    this.#comments.push({ start: this.#at, end, open })
    const line = this.#text.slice(this.#at, end).lastIndexOf('\n')
    if (line !== -1) {
      this.#gap = '\n'
      this.#first = true
      this.#lineStart = this.#at + line + 1
    } else if (this.#gap === '') this.#gap = ' '
    this.#at = end
  }

  #next(): void {
    const from = this.#at
    const character = this.#text[from] ?? ''
    if (character === '}' && this.#templates.at(-1) === this.#depth) return this.#template('{')
    if (character === '`') return this.#template('')
    if (character === '"' || character === "'") return this.#literal('string', this.#match(string))
    if (character === '/' && this.#regexFailures < regexFailuresMax && this.#mayStartRegex()) {
      const found = this.#match(regex)
      if (found !== undefined) return this.#push('regex', found)
      this.#regexFailures += 1
    }
    const found = this.#match(word)
    if (found !== undefined)
      return found.startsWith('\\') || found === '#' ? this.#push('bad', this.#character()) : this.#push('word', found)
    const numeral = /[\d.]/.test(character) ? this.#match(number) : undefined
    if (numeral !== undefined) return this.#push('number', numeral)
    const punctuator = this.#match(mark)
    this.#push(punctuator === undefined ? 'bad' : 'mark', punctuator ?? this.#character())
  }

  #character(): string {
    return String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0)
  }

  /** An unclosed literal ends at its line. */
  #literal(kind: 'string', found: string | undefined): void {
    this.#push(found === undefined ? 'bad' : kind, found ?? this.#text.slice(this.#at, this.#lineEnd(this.#at)))
  }

  #template(closes: Bracket): void {
    const from = this.#at
    templatePart.lastIndex = from + 1
    const found = this.#templateUnclosed ? null : templatePart.exec(this.#text)
    if (closes === '{') {
      this.#templates.pop()
      this.#depth -= 1
    }
    if (found === null) {
      this.#templateUnclosed = true
      return this.#push('bad', this.#text.slice(from, from + 1), '', closes)
    }
    const opens = found[1] === '${' ? '{' : ''
    this.#push('template', this.#text.slice(from, from + 1 + found[0].length), opens, closes)
    if (opens === '{') {
      this.#depth += 1
      this.#templates.push(this.#depth)
    }
  }

  #push(kind: CodeToken['kind'], text: string, opens: Bracket = '', closes: Bracket = ''): void {
    const [markOpens, markCloses] = (kind === 'mark' ? brackets.get(text) : undefined) ?? [opens, closes]
    if (kind === 'mark' && markOpens !== '') this.#depth += 1
    if (kind === 'mark' && markCloses !== '') this.#depth -= 1
    if (kind === 'bad') this.#bad += 1
    this.#tokens.push({
      kind,
      text,
      start: this.#at,
      end: this.#at + text.length,
      gap: this.#gap,
      indentation: this.#first ? this.#at - this.#lineStart : -1,
      opens: markOpens,
      closes: markCloses,
    })
    this.#at += text.length
    this.#gap = ''
    this.#first = false
  }

  /** Whether a slash here starts a regular expression rather than divides. */
  #mayStartRegex(): boolean {
    const last = this.#tokens.at(-1)
    if (last === undefined) return true
    if (last.kind === 'word')
      return /^(?:return|typeof|case|in|of|do|else|void|delete|throw|new|instanceof|yield|await|default)$/.test(last.text)
    return last.kind === 'mark' && !/^(?:[)\]}]|\+\+|--)$/.test(last.text)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)?.[0]
  }

  #lineEnd(from: number): number {
    const end = this.#text.indexOf('\n', from)
    return end === -1 ? this.#text.length : end
  }
}
