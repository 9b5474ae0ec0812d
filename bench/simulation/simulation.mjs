import { seeded } from './random.mjs'
import { peers } from './rules.mjs'
import { sections } from './sections.mjs'

/**
 * Runs every section for our rule and the peers, the same streams for all of them.
 *
 * @param options - `rule`: ours; `variants`: ours with other options, for the sections about options; `quick`: only what a bar
 * hangs on; `alone`: without the peers; `seed`: any text; `only`: ids of sections, all when absent.
 */
export function simulate({ rule, variants = [], quick = false, alone = false, seed = 'homeostat', only }) {
  return sections(quick)
    .filter(({ id }) => only === undefined || only.includes(id))
    .map((section) => runSection(section, { rules: rulesOf(section, { rule, variants, quick, alone }), seed }))
}

function rulesOf({ rivals = 'always', more = [], aboutOptions = false }, { rule, variants, quick, alone }) {
  if (aboutOptions) return variants
  if (alone || rivals === 'never' || (rivals === 'when-not-quick' && quick)) return [rule]
  return [rule, ...peers, ...more]
}

function runSection(section, { rules, seed }) {
  const { id, title, about, unit, cells, lines } = section
  // Only ours tells degrading from tripped: a peer has one row, the last one.
  const rows = rules.flatMap((rule) => (rule.learns ? lines : lines.slice(-1)).map((line) => ({ rule, line, figures: {} })))
  for (const cell of cells) {
    const results = runCell(section, cell, rules, seed)
    for (const { rule, line, figures } of rows) figures[cell.id] = line.figure(results.get(rule))
  }
  return {
    id,
    title,
    about,
    unit,
    columns: cells.map((cell) => ({ id: cell.id, name: cell.name })),
    rows: rows.map(({ rule, line, figures }) => ({
      name: rule.learns ? `${rule.name}: ${line.id}` : rule.name,
      ours: rule.learns === true,
      line: line.id,
      figures,
    })),
  }
}

/** A list of results for each rule. A run is drawn once and shown to all of them. */
function runCell({ id, runs, draw, measure }, cell, rules, seed) {
  const results = new Map(rules.map((rule) => [rule, []]))
  for (let run = 0; run < (cell.runs ?? runs); run += 1) {
    const drawn = draw(cell, seeded(seed, cell.seed ?? `${id}/${cell.id}`, run))
    for (const rule of rules) results.get(rule).push(measure(rule, drawn))
  }
  return results
}
