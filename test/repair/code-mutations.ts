/** A token of sound code, as `@babel/parser` reads it. */
export interface SoundToken {
  readonly label: string
  readonly start: number
  readonly end: number
}

/** A seeded way to break code in one place. */
export interface CodeMutation {
  readonly kind: string
  readonly mutate: (text: string, tokens: readonly SoundToken[], pick: (count: number) => number) => string | undefined
}

type Choose = (text: string, token: SoundToken, tokens: readonly SoundToken[], index: number) => boolean
type Change = (
  text: string,
  token: SoundToken,
  tokens: readonly SoundToken[],
  index: number,
) => readonly [from: number, to: number, text: string]

function at(kind: string, choose: Choose, change: Change): CodeMutation {
  return {
    kind,
    mutate: (text, tokens, pick) => {
      const places: number[] = []
      tokens.forEach((token, index) => {
        if (choose(text, token, tokens, index)) places.push(index)
      })
      const index = places[pick(places.length)]
      const token = index === undefined ? undefined : tokens[index]
      if (index === undefined || token === undefined) return undefined
      const [from, to, replacement] = change(text, token, tokens, index)
      return text.slice(0, from) + replacement + text.slice(to)
    },
  }
}

const is =
  (...marks: readonly string[]): Choose =>
  (text, token) =>
    marks.includes(text.slice(token.start, token.end))
const drop: Change = (_, token) => [token.start, token.end, '']
const double: Change = (text, token) => [token.start, token.end, text.slice(token.start, token.end).repeat(2)]
const by =
  (replacement: string): Change =>
  (_, token) => [token.start, token.end, replacement]
const keywords = [
  'const',
  'let',
  'function',
  'return',
  'import',
  'export',
  'class',
  'async',
  'await',
  'static',
  'throw',
  'while',
  'switch',
  'typeof',
  'default',
  'extends',
  'else',
  'catch',
  'interface',
]
const isKeyword = is(...keywords)
const isString: Choose = (text, token) => token.label === 'string' && /^['"]/.test(text.slice(token.start, token.end))
const isName: Choose = (_, token) => token.label === 'name' && token.end - token.start > 2
const operators = ['+', '-', '*', '&&', '||', '===', '!==', '??', '<', '>', '<=', '>=']
const typo = (word: string): string => word.slice(0, -2) + word.slice(-1) + word.slice(-2, -1)

export const codeMutations: readonly CodeMutation[] = [
  ...(['(', ')', '[', ']', '{', '}', ',', ';', ':', '.', '=', '=>'] as const).map((mark) => at(`drop ${mark}`, is(mark), drop)),
  ...(['(', ')', ']', '{', '}', ',', ';', '.'] as const).map((mark) => at(`double ${mark}`, is(mark), double)),
  at(
    'drop operator',
    (text, token, tokens, index) => is(...operators)(text, token, tokens, index) && text[token.start - 1] === ' ',
    drop,
  ),
  at('mismatched closer', is(')', ']', '}'), (text, token) => [
    token.start,
    token.end,
    text[token.start] === ')' ? ']' : text[token.start] === ']' ? '}' : ')',
  ]),
  at(
    'swap neighbours',
    (text, token, tokens, index) =>
      tokens[index + 1] !== undefined &&
      !isName(text, token, tokens, index) &&
      is('(', ')', '{', '}', ',', ';', '.', ':', '=')(text, token, tokens, index),
    (text, token, tokens, index) => {
      const next = tokens[index + 1] ?? token
      return [
        token.start,
        next.end,
        text.slice(next.start, next.end) + text.slice(token.end, next.start) + text.slice(token.start, token.end),
      ]
    },
  ),
  at('drop opening quote', isString, (_, token) => [token.start, token.start + 1, '']),
  at('drop closing quote', isString, (_, token) => [token.end - 1, token.end, '']),
  at('mismatched quote', isString, (text, token) => [token.end - 1, token.end, text[token.start] === '"' ? "'" : '"']),
  at(
    'stray quote',
    (text, token, tokens, index) => isString(text, token, tokens, index) && token.end - token.start > 6,
    (text, token) => [token.start + 3, token.start + 3, text[token.start] ?? "'"],
  ),
  at(
    'unescaped quote',
    (text, token, tokens, index) =>
      isString(text, token, tokens, index) && /(?<!\\)\\['"]/.test(text.slice(token.start, token.end)),
    (text, token) => [token.start, token.end, text.slice(token.start, token.end).replace(/(?<!\\)\\(['"])/, '$1')],
  ),
  at('smart quotes', isString, (text, token) => [token.start, token.end, `“${text.slice(token.start + 1, token.end - 1)}”`]),
  at('keyword typo', isKeyword, (text, token) => [token.start, token.end, typo(text.slice(token.start, token.end))]),
  at('keyword letter lost', isKeyword, (_, token) => [token.start + 2, token.start + 3, '']),
  at('keyword case', isKeyword, (text, token) => [token.start, token.start + 1, (text[token.start] ?? '').toUpperCase()]),
  at('keyword doubled', isKeyword, (text, token) => [
    token.start,
    token.end,
    `${text.slice(token.start, token.end)} ${text.slice(token.start, token.end)}`,
  ]),
  at('keyword glued', is('const', 'let', 'return', 'function', 'class', 'throw', 'new'), (_, token) => [
    token.end,
    token.end + 1,
    '',
  ]),
  at('drop keyword', is('const', 'function', 'return', 'class', 'import', 'new', 'of', 'from', 'else', 'catch', 'async'), drop),
  at('zero-width space', isName, (_, token) => [token.start + 1, token.start + 1, '\u200b']),
  at('stray character', is(',', ';', '(', '{'), (_, token) => [token.end, token.end, '#']),
  at('stray back quote', is(';', ')'), (_, token) => [token.end, token.end, '`']),
  at('stray bracket', is(';', ','), (_, token) => [token.end, token.end, ')']),
  at('arrow broken', is('=>'), by('= >')),
  at('assignment doubled', is('='), by('= =')),
  at('template opened', (text, token) => text[token.start] === '`' && token.label === '`', drop),
  at(
    'drop template brace',
    (text, token, tokens, index) => text[token.start] === '}' && /^(?:template|`)/.test(tokens[index + 1]?.label ?? ''),
    drop,
  ),
  { kind: 'comment end lost', mutate: (text, _, pick) => replaceOne(text, /\*\//g, '', pick) },
  { kind: 'comment slash lost', mutate: (text, _, pick) => replaceOne(text, /(?<=\n *)\/\/(?= )/g, '/', pick) },
  { kind: 'comment start lost', mutate: (text, _, pick) => replaceOne(text, /\/\*\*?(?=[\s])/g, '', pick) },
  {
    kind: 'truncated closers',
    mutate: (text) => (/[)\]};\s]{3,}$/.test(text) ? text.replace(/(?<=[^)\]};\s])[)\]};\s]+$/, '') : undefined),
  },
  {
    kind: 'conflict markers',
    mutate: (text, _, pick) => {
      const lines = text.split('\n')
      const index = pick(lines.length)
      const line = lines[index]
      if (line === undefined || !/\d/.test(line)) return undefined
      return [
        ...lines.slice(0, index),
        '<<<<<<< HEAD',
        line,
        '=======',
        line.replace(/\d/, '7'),
        '>>>>>>> feature',
        ...lines.slice(index + 1),
      ].join('\n')
    },
  },
]

function replaceOne(text: string, pattern: RegExp, replacement: string, pick: (count: number) => number): string | undefined {
  const places = [...text.matchAll(pattern)]
  const place = places[pick(places.length)]
  return place === undefined ? undefined : text.slice(0, place.index) + replacement + text.slice(place.index + place[0].length)
}
