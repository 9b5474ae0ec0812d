import type { Fence } from '../../patch/formats/fences.js'

/** A path that a reply gives to a block. */
export interface NamedPath {
  readonly path: string
  /** `sole`: the line or attribute is there to name the file. `mentioned`: it occurs in a sentence. */
  readonly how: 'sole' | 'mentioned'
}

/** The path that a fence is given: in its info string, else in the line before it. */
export function pathOfFence(fence: Pick<Fence, 'info' | 'at'>, lines: readonly string[]): NamedPath | undefined {
  const path = pathOfInfo(fence.info)
  if (path !== undefined) return { path, how: 'sole' }
  const before = lines[fence.at - 1] ?? ''
  return pathOfLine(before.trim() === '' ? (lines[fence.at - 2] ?? '') : before)
}

/**
 * The one path that a line names: alone, in bold, as a heading, in a comment, after `File:`, or as the only quoted path of a
 * sentence. Nothing is said about whether it may be touched.
 */
export function pathOfLine(line: string): NamedPath | undefined {
  if (line.length > lineLengthMax) return undefined
  const bare = undecorated(line)
  const sole = plainPath(bare)
  if (sole !== undefined) return { path: sole, how: 'sole' }
  const mentioned = new Set(
    Array.from(line.matchAll(/`([^`]+)`/g), ([, quoted = '']) => plainPath(quoted)).filter((path) => path !== undefined),
  )
  const [path] = mentioned
  return path === undefined || mentioned.size > 1 ? undefined : { path, how: 'mentioned' }
}

/** The path in a first line that is a comment and nothing else: `// src/a.js`, `# file: src/a.py`. */
export function pathOfComment(line: string): string | undefined {
  if (line.length > lineLengthMax || !/^\s{0,8}(?:\/\/|#(?!!)|\/\*|<!--|--|;)/.test(line)) return undefined
  return plainPath(undecorated(line))
}

const lineLengthMax = 400

/** `title=src/a.js`, `title="a b.js"`, `js src/a.js`, `js:src/a.js`, `src/a.js`. */
function pathOfInfo(info: string): string | undefined {
  if (info === '' || info.length > lineLengthMax) return undefined
  const [, quoted, plain] =
    /(?:^|[\s{,])(?:title|file|filename|file_path|path|name)\s?[=:]\s?(?:["']([^"']+)["']|([^\s"'},]+))/i.exec(info) ?? []
  const attribute = quoted ?? plain
  if (attribute !== undefined) return withoutDot(attribute)
  const words = info.split(/\s+/)
  const [, afterColon] = /^[A-Za-z+#]{1,20}:(.+)$/.exec(words[0] ?? '') ?? []
  return [afterColon, ...words].map((word) => plainPath(word ?? '')).find((path) => path !== undefined)
}

/** Takes off what people and models put around a file name, layer by layer. */
function undecorated(line: string): string {
  return line
    .trim()
    .replace(/^(?:#{1,6}|[*>-]|\d{1,3}[.)])\s+/, '')
    .replace(/^(?:\/\/|#|\/\*+|<!--|--|;)\s*/, '')
    .replace(/\s*(?:\*\/|-->)$/, '')
    .replace(/^[*_]{1,3}(?=[^*_])/, '')
    .replace(/^(?:new |full |updated )?(?:file|filename|path)\s?(?:name|path)?\s?:[*_]{0,3}\s*/i, '')
    .replace(/^[`'"]|^\*\*`?/, '')
    .replace(/\s*\((?:new|new file|created?|updated?|modified|whole file|full file)\)\s*(?=[:*`]*$)/i, '')
    .replace(/[:*_`'"]{1,6}$/, '')
    .trim()
}

/** A name with a folder or an extension, of the characters that file names have; a lone word or a number is none. */
function plainPath(text: string): string | undefined {
  const path = withoutDot(text)
  if (!/^[\w@./\\:~+()[\]{}$=-]{1,300}$/u.test(path) || /^[a-z]{2,10}:\/\//i.test(path)) return undefined
  if (/^[\d.]*$/.test(path) || path.endsWith('/') || path.endsWith('.')) return undefined
  if (/^[\w$]+(?:\.[\w$]+)*\(|\(\)$/.test(path)) return undefined // a call
  return path.includes('/') || /\.[A-Za-z][\w-]{0,15}$/.test(path) || wellKnown.test(path) ? path : undefined
}

const wellKnown = /^(?:Dockerfile|Makefile|LICENSE|README|CHANGELOG|Procfile)$/

function withoutDot(path: string): string {
  return path.startsWith('./') ? path.slice(2) : path
}
