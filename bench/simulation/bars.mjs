import { readFileSync } from 'node:fs'
import { moreThanChance } from './figures.mjs'

/** The bars of `bars.json`: what our figures must reach, and why. */
export const bars = JSON.parse(readFileSync(new URL('bars.json', import.meta.url), 'utf8'))

/**
 * Judges our figures against the bars on the sections that were run.
 *
 * A figure with misses (runs in which nothing was noticed) meets no `max`. With `byChance` a rate of false trips misses its bar
 * only when there were more of them than chance allows at the bar itself: a short run cannot tell 90 000 from 100 000.
 */
export function judge(results, { byChance = false } = {}) {
  return bars.flatMap(({ section: id, line, cells, max, min, why }) => {
    const section = results.find((one) => one.id === id)
    if (section === undefined) return []
    const row = section.rows.find((one) => one.ours && one.line === line)
    if (row === undefined) throw new RangeError(`Cannot judge "${id}": it has no row "${line}" of ours`)
    return section.columns
      .filter((column) => cells.includes(column.id))
      .map((column) => {
        const figure = row.figures[column.id]
        const passed =
          min === undefined
            ? figure.missed === 0 && figure.value <= max
            : byChance
              ? !moreThanChance(figure, min)
              : figure.value >= min
        return { section: section.title, row: row.name, cell: column.name, figure: figure.text, max, min, why, passed }
      })
  })
}
