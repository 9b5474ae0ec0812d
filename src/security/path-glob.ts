import { LRUCache } from 'lru-cache'

/**
 * Whether a path fits a glob: `*` stands for any text within a segment, `**` for any number of segments; a glob without
 * `/` fits the last segment. Letters are compared without case, because some file systems do.
 */
export function fitsGlob(path: string, glob: string): boolean {
  const segments = path.toLowerCase().split('/')
  const wanted = wantedOf(glob)
  return wanted.length === 1 ? fitsText(segments.at(-1) ?? '', wanted[0] ?? '') : fitsList(segments, wanted)
}

/** Each file is compared with the same some sixty globs. */
const known = new LRUCache<string, readonly string[]>({ max: 1_000 })

function wantedOf(glob: string): readonly string[] {
  const wanted = known.get(glob) ?? glob.toLowerCase().split('/')
  if (!known.has(glob)) known.set(glob, wanted)
  return wanted
}

/** Two-pointer matching with one step back to the last `**`: at most the product of both lengths. */
function fitsList(segments: readonly string[], wanted: readonly string[]): boolean {
  return fits(segments.length, wanted.length, {
    isStar: (at) => wanted[at] === '**',
    same: (index, at) => fitsText(segments[index] ?? '', wanted[at] ?? ''),
  })
}

function fitsText(text: string, pattern: string): boolean {
  return fits(text.length, pattern.length, {
    isStar: (at) => pattern[at] === '*',
    same: (index, at) => text[index] === pattern[at],
  })
}

function fits(
  length: number,
  wantedLength: number,
  { isStar, same }: { readonly isStar: (at: number) => boolean; readonly same: (index: number, at: number) => boolean },
): boolean {
  let index = 0
  let at = 0
  let starAt = -1
  let starIndex = 0
  while (index < length) {
    if (at < wantedLength && isStar(at)) {
      starAt = at
      starIndex = index
      at += 1
    } else if (at < wantedLength && same(index, at)) {
      index += 1
      at += 1
    } else if (starAt >= 0) {
      starIndex += 1
      index = starIndex
      at = starAt + 1
    } else {
      return false
    }
  }
  while (at < wantedLength && isStar(at)) at += 1
  return at === wantedLength
}
