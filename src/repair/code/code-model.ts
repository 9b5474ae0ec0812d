import { globalNames, isBuiltInProperty } from './built-in-names.js'
import { tokenize, type CodeToken } from './code-tokens.js'

/** Words with a meaning of their own in JavaScript and TypeScript; a misspelt one is corrected towards these. */
export const reservedWords: ReadonlySet<string> = new Set(
  (
    'await async break case catch class const continue debugger default delete do else export extends false finally for from function get if import in instanceof let new null of return set static super switch this throw true try typeof var void while yield ' +
    'interface type enum implements declare readonly private public protected abstract as is keyof namespace satisfies infer undefined'
  ).split(' '),
)

const globals: ReadonlySet<string> = new Set(globalNames)

/**
 * How usual a sequence of tokens is in given code: an interpolated trigram model (Jelinek and Mercer 1980) over
 * punctuators, reserved words and kinds of token, each with the white space before it.
 */
export class TokenModel {
  readonly #counts: Counts
  readonly #own: ReadonlyMap<string, number>

  constructor(counts: Counts, own: ReadonlyMap<string, number>) {
    this.#counts = counts
    this.#own = own
  }

  /** Whether the word occurs in the project's other code, or more than once in the text itself. */
  knows(word: string): boolean {
    return this.#counts.words.has(word) || reservedWords.has(word) || (this.#own.get(word) ?? 0) > 1
  }

  /**
   * Where a word that nobody knows falls into two that are known, as when what stood between them was lost: offsets in the
   * word, at most four.
   */
  seams(word: string): readonly number[] {
    if (word.length < 2 || word.length > 80 || this.knows(word)) return []
    const places: number[] = []
    for (let at = 1; at < word.length; at += 1) {
      const head = word.slice(0, at)
      const tail = word.slice(at)
      const known = (part: string): boolean =>
        /^\d+$/.test(part) || this.#own.has(part) || this.knows(part) || isBuiltInProperty(part) || globals.has(part)
      if (known(head) && known(tail) && !/^\d/.test(head)) places.push(at)
    }
    return places.sort((a, b) => Math.min(b, word.length - b) - Math.min(a, word.length - a)).slice(0, 4)
  }

  /** Natural logarithm of the probability of `third` after `first` and `second`. */
  logProbability(first: number, second: number, third: number): number {
    const counts = this.#counts
    const pair = first * symbolsMax + second
    const trigram = ratio(counts.triples.get(pair * symbolsMax + third), counts.pairs.get(pair))
    const bigram = ratio(counts.pairs.get(second * symbolsMax + third), counts.singles.get(second))
    const unigram = ratio(counts.singles.get(third), counts.total)
    return Math.log(0.62 * trigram + 0.27 * bigram + 0.09 * unigram + 0.02 / 2_000)
  }

  /** Natural logarithm of the probability of `tokens[from..to)`, given the two before. */
  score(tokens: readonly CodeToken[], from: number, to: number): number {
    let sum = 0
    let first = symbolAt(tokens, from - 2)
    let second = symbolAt(tokens, from - 1)
    for (let index = from; index < to; index += 1) {
      const third = symbolAt(tokens, index)
      sum += this.logProbability(first, second, third)
      first = second
      second = third
    }
    return sum
  }
}

/** A model of `text` (which may be damaged: one fault does not change what is usual) and of other code of the project. */
export function modelOf(tokens: readonly CodeToken[], samples: readonly string[]): TokenModel {
  const base = sampleCounts(samples)
  const counts: Counts = {
    singles: new Map(base.singles),
    pairs: new Map(base.pairs),
    triples: new Map(base.triples),
    words: base.words,
    total: base.total,
  }
  count(counts, tokens)
  const own = new Map<string, number>()
  for (const token of tokens) if (token.kind === 'word') own.set(token.text, (own.get(token.text) ?? 0) + 1)
  return new TokenModel(counts, own)
}

interface Counts {
  readonly singles: Map<number, number>
  readonly pairs: Map<number, number>
  readonly triples: Map<number, number>
  readonly words: Set<string>
  total: number
}

const symbolsMax = 4_096
/** Characters of samples that are read; more changes little. */
const sampleCharactersMax = 200_000

const known = new WeakMap<readonly string[], Counts>()

function sampleCounts(samples: readonly string[]): Counts {
  const earlier = known.get(samples)
  if (earlier !== undefined) return earlier
  const counts: Counts = { singles: new Map(), pairs: new Map(), triples: new Map(), words: new Set(), total: 0 }
  let left = sampleCharactersMax
  for (const sample of [common, ...samples]) {
    if (left <= 0) break
    const { tokens } = tokenize(sample.slice(0, left))
    count(counts, tokens)
    for (const token of tokens) if (token.kind === 'word') counts.words.add(token.text)
    left -= sample.length
  }
  known.set(samples, counts)
  return counts
}

function count(counts: Counts, tokens: readonly CodeToken[]): void {
  let first = 0
  let second = 0
  for (let index = 0; index < tokens.length; index += 1) {
    const third = symbolAt(tokens, index)
    increase(counts.singles, third)
    increase(counts.pairs, second * symbolsMax + third)
    increase(counts.triples, (first * symbolsMax + second) * symbolsMax + third)
    first = second
    second = third
  }
  counts.total += tokens.length
}

function increase(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function ratio(part: number | undefined, whole: number | undefined): number {
  return part === undefined || whole === undefined || whole === 0 ? 0 : Math.min(1, part / whole)
}

/** Symbols met so far, by text: punctuators and reserved words are few, so this stays small. */
const symbols = new Map<string, number>()

function symbolAt(tokens: readonly CodeToken[], index: number): number {
  const token = tokens[index]
  return token === undefined ? 0 : intern(token.gap + nameOf(token))
}

function nameOf(token: CodeToken): string {
  switch (token.kind) {
    case 'mark':
      return token.text
    case 'word':
      return reservedWords.has(token.text)
        ? token.text
        : token.text.startsWith('#')
          ? '#i'
          : /^[A-Z]/.test(token.text)
            ? 'I'
            : 'i'
    case 'template':
      return `\`${token.opens}${token.closes}`
    case 'string':
      return `<${token.text.slice(0, 1)}>`
    case 'number':
    case 'regex':
    case 'bad':
      return `<${token.kind}>`
  }
}

function intern(name: string): number {
  const earlier = symbols.get(name)
  if (earlier !== undefined) return earlier
  const symbol = Math.min(symbolsMax - 1, symbols.size + 1)
  symbols.set(name, symbol)
  return symbol
}

/** Everyday code, so that the model knows the language even where a project has one file. */
const common = `
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path';
export const limits = { small: 1, large: 10, names: ['a', 'b'] };
export async function load(file, options = {}) {
  const text = await readFile(path.join(root, file), 'utf8');
  if (!text || text.length > limits.large) {
    throw new Error(\`Cannot load \${file}: too long\`);
  }
  for (const line of text.split('\\n')) {
    if (line === '' && !options.keep) continue;
    result.push({ line, length: line.length });
  }
  return result.filter((entry) => entry.length > 0).map((entry) => entry.line);
}
export class Store extends Base {
  constructor(items, size = 0) {
    super(items);
    this.items = items;
    this.size = size + 1;
  }
  get first() {
    return this.items[0];
  }
  static of(...items) {
    return new Store(items, items.length);
  }
  find(name) {
    try {
      const index = this.items.findIndex((item) => item.name === name);
      return index === -1 ? undefined : this.items[index];
    } catch (error) {
      console.error('failed', error.message);
      return null;
    } finally {
      this.count++;
    }
  }
}
function total(orders) {
  let sum = 0;
  for (let i = 0; i < orders.length; i++) {
    const { price, count } = orders[i];
    sum += price * count;
  }
  switch (typeof sum) {
    case 'number':
      return sum;
    default:
      return Number(sum) || 0;
  }
}
const handlers = {
  open: (event) => emit('open', { event, at: now() }),
  close(event) {
    delete open[event.id];
  },
};
module.exports = { total, handlers, Store };
interface Order {
  readonly id: string;
  items?: Item[];
  total(): number;
}
export type Handler<T> = (value: T, index: number) => Promise<void> | undefined
export function pick<T, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  const result: Partial<T> = {}
  keys.forEach((key) => { result[key] = value[key] })
  return result as Pick<T, K>
}
`
