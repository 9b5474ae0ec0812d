import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Damage to the text of one file: what lay between two places becomes something else. */
export function textDamage(project, path, name) {
  return ({ start, end, put }) => {
    const before = project.text.get(path)
    const text = () => before.slice(0, start) + put + before.slice(end)
    return { name, path, paths: [path], text, inflict: (copy) => writeFileSync(join(copy, path), text()) }
  }
}

/** A name that is nearly the given one, as a slip of the fingers makes it. */
export function misspelt(name) {
  const at = Math.max(0, Math.floor(name.length / 2) - 1)
  const swapped = name.slice(0, at) + name.charAt(at + 1) + name.charAt(at) + name.slice(at + 2)
  return swapped === name || name.length < 3 ? `${name}${name.at(-1)}` : swapped
}
