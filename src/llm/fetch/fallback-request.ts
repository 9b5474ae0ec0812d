import type { LlmOptions } from '../llm-options.js'
import { describe, type LlmRequest } from './target.js'

/** What another model can answer, and where its path begins, so that what is before it can be exchanged. An embedding it cannot. */
const apiPath = /\/(?:chat\/completions|completions|responses|messages)$/

/** The same request for another target; `undefined` when its body is not one that names a model. */
export function redirected(
  request: LlmRequest,
  { model, baseUrl, headers }: Pick<LlmOptions['fallback'][number], 'model' | 'baseUrl' | 'headers'>,
  providers: LlmOptions['providers'],
): LlmRequest | undefined {
  if (request.body === undefined) return undefined
  const path = apiPath.exec(request.url.pathname)?.[0]
  if (path === undefined) return undefined
  const url = baseUrl === undefined ? request.url : new URL(baseUrl.replace(/\/+$/, '') + path)
  const merged = new Headers(request.headers)
  for (const [name, value] of Object.entries(headers)) merged.set(name, value)
  // Another host must not learn the credential that was meant for the first one.
  if (url.host !== request.url.host) for (const name of credentialHeaders) if (!hasName(headers, name)) merged.delete(name)
  const body = { ...request.body, model }
  return describe({ ...request, url, headers: merged, body, payload: JSON.stringify(body) }, providers)
}

const credentialHeaders = [
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
  'openai-organization',
  'openai-project',
]

function hasName(headers: Readonly<Record<string, string>>, name: string): boolean {
  return Object.keys(headers).some((given) => given.toLowerCase() === name)
}
