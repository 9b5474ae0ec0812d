/** What a request is expected to use, before it is sent. */
export interface LlmEstimate {
  /** Tokens of everything that is sent; `undefined` when the body cannot be read. */
  readonly inputTokens: number | undefined
  /** The most that can come back, by the request's own bound; or what has come back for others; `undefined` when neither is known. */
  readonly outputTokensMax: number | undefined
}

/** What earlier calls of the same key used, in the mean. */
export interface LearntTokens {
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
}

/**
 * Expects the tokens of a request from its body, as OpenAI, Anthropic and Google write it: a rule of thumb, mostly within a third
 * of the truth, so that budgets can refuse before money is spent. Cheap on large bodies: texts are sampled, nothing is copied, and
 * after 50 000 values the rest is taken to be like those before.
 *
 * What the provider keeps (`previous_response_id`, stored files, conversations) is not seen.
 *
 * @param learnt - Stands in where the body says nothing.
 */
export function estimateOf(body: Readonly<Record<string, unknown>> | undefined, learnt?: LearntTokens): LlmEstimate {
  if (body === undefined) return { inputTokens: learnt?.inputTokens, outputTokensMax: learnt?.outputTokens }
  const count = new TokenCount()
  const input = inputFields.reduce((tokens, name) => tokens + count.of(own(body, name)), 0)
  return { inputTokens: Math.ceil(input), outputTokensMax: outputBoundOf(body) ?? learnt?.outputTokens }
}

/** The fields that the model reads; the rest are settings. */
const inputFields = [
  'messages',
  'system',
  'input',
  'instructions',
  'prompt',
  'tools',
  'functions',
  'response_format',
  'text',
  'contents',
  'systemInstruction',
  'system_instruction',
]
const outputBounds = ['max_completion_tokens', 'max_output_tokens', 'max_tokens', 'max_tokens_to_sample', 'maxOutputTokens']

/** No model writes as much; a larger bound says nothing. */
const outputTokensBelievedMax = 10_000_000
const choicesMax = 1_000

/** English prose and code have about four characters to a token; other scripts about one. */
export const charsPerToken = 4
/** Places of a text that are looked at to see its script. */
const samples = 32
/** What surrounds a value: quotes, commas, the marks between messages. */
const tokensPerValue = 1
/** A picture of about a megapixel, whatever its bytes. */
const tokensPerImage = 1_500
/** A page or two, when there are no bytes to count. */
const tokensPerDocument = 3_000
/** A PDF page is about 75 kB and 2 000 tokens, in base64. */
const documentCharsPerToken = 50
/** Compressed speech: 16 kB and ten tokens a second, in base64. */
const audioCharsPerToken = 2_000

const valuesMax = 50_000
const depthMax = 64

/** Counts the tokens of JSON, and how much of it has been looked at. */
class TokenCount {
  #left = valuesMax

  of(value: unknown, depth = 0): number {
    if (value === undefined) return 0
    this.#left -= 1
    if (typeof value === 'string') return tokensPerValue + textTokens(value)
    if (typeof value !== 'object' || value === null || depth > depthMax) return tokensPerValue
    return Array.isArray(value) ? this.#list(value, depth) : this.#record(value, depth)
  }

  #list(values: readonly unknown[], depth: number): number {
    // Token numbers, as embeddings take them: one each.
    if (typeof values[0] === 'number') return values.length
    let tokens = tokensPerValue
    for (let index = 0; index < values.length; index += 1) {
      if (this.#left <= 0) return index === 0 ? values.length : (tokens * values.length) / index
      tokens += this.of(values[index], depth + 1)
    }
    return tokens
  }

  #record(value: object, depth: number): number {
    const media = mediaTokens(value)
    if (media !== undefined) return media
    let tokens = tokensPerValue
    for (const name of Object.keys(value)) {
      if (this.#left <= 0) break
      tokens += name.length / charsPerToken + this.of(Reflect.get(value, name), depth + 1)
    }
    return tokens
  }
}

/** Parts that are not text are billed by what they show, not by their bytes. */
function mediaTokens(part: object): number | undefined {
  const type = own(part, 'type')
  if (typeof type !== 'string') return own(part, 'inlineData') === undefined ? undefined : tokensPerImage
  if (type === 'image' || type === 'image_url' || type === 'input_image') return tokensPerImage
  if (type === 'input_audio') return 1 + longestText(part) / audioCharsPerToken
  if (type === 'document' || type === 'file' || type === 'input_file')
    return Math.max(tokensPerDocument, longestText(part) / documentCharsPerToken)
  return undefined
}

/** The length of the longest text in a part, two levels deep: there the bytes are. */
function longestText(value: unknown, depth = 2): number {
  if (typeof value === 'string') return value.length
  if (depth === 0 || typeof value !== 'object' || value === null) return 0
  return Object.values(value)
    .slice(0, 20)
    .reduce<number>((longest, inner) => Math.max(longest, longestText(inner, depth - 1)), 0)
}

function textTokens(text: string): number {
  const step = Math.max(1, Math.floor(text.length / samples))
  let seen = 0
  let foreign = 0
  for (let at = 0; at < text.length; at += step) {
    seen += 1
    if (text.charCodeAt(at) > 0x24f) foreign += 1
  }
  const share = seen === 0 ? 0 : foreign / seen
  return text.length * (share + (1 - share) / charsPerToken)
}

function outputBoundOf(body: object): number | undefined {
  // Embeddings give numbers back, which nobody bills.
  const model = own(body, 'model')
  if (typeof model === 'string' && /embed/i.test(model)) return 0
  const places = [body, own(body, 'generationConfig')]
  const bounds = places.flatMap((place) =>
    typeof place === 'object' && place !== null ? outputBounds.map((name) => own(place, name)) : [],
  )
  const bound = bounds.find((value): value is number => isCount(value, outputTokensBelievedMax))
  const choices = own(body, 'n')
  return bound === undefined ? undefined : Math.ceil(bound) * (isCount(choices, choicesMax) ? Math.max(1, choices) : 1)
}

function isCount(value: unknown, max: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= max
}

function own(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? (Reflect.get(value, name) as unknown) : undefined
}
