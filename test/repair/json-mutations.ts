/** A seeded way to break a JSON text in one place; `undefined` when the text has no such place. */
export interface Mutation {
  readonly kind: string
  readonly mutate: (text: string, pick: (count: number) => number) => string | undefined
}

interface Token {
  readonly kind: 'string' | 'other' | 'mark'
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Tokens of a valid JSON text. */
function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)].map((match) => ({
    kind: match[0].startsWith('"') ? 'string' : '{}[],:'.includes(match[0]) ? 'mark' : 'other',
    start: match.index,
    end: match.index + match[0].length,
    text: match[0],
  }))
}

type Choose = (tokens: readonly Token[], index: number) => boolean
type Change = (token: Token, text: string) => readonly [from: number, to: number, text: string]

function at(kind: string, choose: Choose, change: Change): Mutation {
  return {
    kind,
    mutate: (text, pick) => {
      const tokens = tokensOf(text)
      const places = tokens.filter((_, index) => choose(tokens, index))
      const token = places[pick(places.length)]
      if (token === undefined) return undefined
      const [from, to, replacement] = change(token, text)
      return text.slice(0, from) + replacement + text.slice(to)
    },
  }
}

const is =
  (mark: string): Choose =>
  (tokens, index) =>
    tokens[index]?.text === mark
const isString: Choose = (tokens, index) => tokens[index]?.kind === 'string'
const isKey: Choose = (tokens, index) => isString(tokens, index) && tokens[index + 1]?.text === ':'
const isTextValue: Choose = (tokens, index) => isString(tokens, index) && tokens[index + 1]?.text !== ':'
const beforeCloser: Choose = (tokens, index) =>
  ['}', ']'].includes(tokens[index + 1]?.text ?? '') && !'{[,'.includes(tokens[index]?.text ?? ',')
const drop: Change = ({ start, end }) => [start, end, '']
const double: Change = ({ start, end, text }) => [start, end, text + text]
const by =
  (text: string): Change =>
  ({ start, end }) => [start, end, text]
const isLine = (text: string, offset: number): number =>
  text.indexOf('\n', offset) === -1 ? text.length : text.indexOf('\n', offset)

export const jsonMutations: readonly Mutation[] = [
  at('drop comma', is(','), drop),
  at('double comma', is(','), double),
  at('trailing comma', beforeCloser, ({ end }) => [end, end, ',']),
  at('drop colon', is(':'), drop),
  at('colon to =', is(':'), by('=')),
  at('comma to ;', is(','), by(';')),
  at('drop {', (tokens, index) => index > 0 && is('{')(tokens, index), drop),
  at('drop }', is('}'), drop),
  at('drop [', is('['), drop),
  at('drop ]', is(']'), drop),
  at('double }', is('}'), double),
  at('double ]', is(']'), double),
  at(
    'swap closer',
    (tokens, index) => is('}')(tokens, index) || is(']')(tokens, index),
    ({ start, end, text }) => [start, end, text === '}' ? ']' : '}'],
  ),
  at('drop opening quote', isString, ({ start }) => [start, start + 1, '']),
  at('drop closing quote', isString, ({ end }) => [end - 1, end, '']),
  at(
    'unquoted key',
    (tokens, index) => isKey(tokens, index) && /^"\w+"$/.test(tokens[index]?.text ?? ''),
    ({ start, end, text }) => [start, end, text.slice(1, -1)],
  ),
  at(
    'unquoted value',
    (tokens, index) =>
      isTextValue(tokens, index) &&
      /^"[\w./-]+"$/.test(tokens[index]?.text ?? '') &&
      !/^"(?:true|false|null|[\d.]+)"$/.test(tokens[index]?.text ?? ''),
    ({ start, end, text }) => [start, end, text.slice(1, -1)],
  ),
  at(
    'single quotes',
    (tokens, index) => isString(tokens, index) && !/['\\]/.test(tokens[index]?.text ?? ''),
    ({ start, end, text }) => [start, end, `'${text.slice(1, -1)}'`],
  ),
  at('smart quotes', isString, ({ start, end, text }) => [start, end, `“${text.slice(1, -1)}”`]),
  at('line comment', is(','), ({ end }, text) => [isLine(text, end), isLine(text, end), ' // see "the docs", {later}']),
  at('block comment', is('{'), ({ end }) => [end, end, ' /* first, the "name" */']),
  at(
    'python literal',
    (tokens, index) => ['true', 'false', 'null'].includes(tokens[index]?.text ?? ''),
    ({ start, end, text }) => [start, end, text === 'true' ? 'True' : text === 'false' ? 'False' : 'None'],
  ),
  at(
    'byte order mark',
    (_, index) => index === 0,
    () => [0, 0, '\ufeff'],
  ),
  at(
    'line break in string',
    (tokens, index) => isTextValue(tokens, index) && (tokens[index]?.text ?? '').includes('\\n'),
    ({ start, end, text }) => [start, end, text.replace('\\n', '\n')],
  ),
  at(
    'unescaped quote',
    (tokens, index) => isTextValue(tokens, index) && (tokens[index]?.text ?? '').includes('\\"'),
    ({ start, end, text }) => [start, end, text.replaceAll('\\"', '"')],
  ),
  {
    kind: 'truncated closers',
    mutate: (text) => (/[}\]\s]+$/.test(text) ? text.replace(/(?<![}\]\s])[}\]\s]+$/, '') : undefined),
  },
  {
    kind: 'conflict markers',
    mutate: (text, pick) => {
      const lines = text.split('\n')
      const index = pick(lines.length)
      const line = lines[index]
      if (line === undefined || !/"\w+": "[^"]*",?$/.test(line)) return undefined
      return [
        ...lines.slice(0, index),
        '<<<<<<< HEAD',
        line,
        '=======',
        line.replace(/: "/, ': "other '),
        '>>>>>>> feature',
        ...lines.slice(index + 1),
      ].join('\n')
    },
  },
]
