import { oneLine } from '../../core/text.js'
import type { SingleEdit } from './single-edit.js'

/** `Put <= for < in src/range.js, line 12`. */
export function describeEdit({
  path,
  before,
  start,
  end,
  text,
}: SingleEdit & { readonly path: string; readonly before: string }): string {
  const old = before.slice(start, end)
  const line = before.slice(0, start).split('\n').length
  const place = `in ${path}, line ${line}`
  const [was, is] = [oneLine(old, 30), oneLine(text, 30)]
  if (was === '') return `Insert "${is}" ${place}`
  return is === '' ? `Remove "${was}" ${place}` : `Put "${is}" for "${was}" ${place}`
}
