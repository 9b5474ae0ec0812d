/** What came of each kind: ratios are of its cases. */
export function summaryOf(results) {
  const rows = [...new Set(results.map(({ kind }) => kind))].map((kind) =>
    rowOf(
      kind,
      results.filter((result) => result.kind === kind),
    ),
  )
  return rows.length > 1 ? [...rows, rowOf('all', results)] : rows
}

export function tableOf(rows) {
  const cells = rows.map(({ kind, cases, recovered, exact, wrong, median, slowest }) => [
    kind,
    String(cases),
    share(recovered, cases),
    share(exact, cases),
    share(wrong, cases),
    median.toFixed(1),
    slowest.toFixed(1),
  ])
  const lines = [['kind', 'cases', 'recovered', 'exact', 'wrong patch', 'median s', 'slowest s'], ...cells]
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  const draw = (line) =>
    `| ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [draw(lines[0]), rule, ...lines.slice(1).map(draw)].join('\n')
}

export function lineOf({ kind, damage, path, recovered, exact, wrong, outcome, durationMs, patch, hiddenFail }) {
  const word = recovered ? (exact ? 'exact' : 'recovered') : 'missed'
  return `${recovered ? '✓' : '✗'} ${kind.padEnd(13)} ${(durationMs / 1000).toFixed(1).padStart(5)} s  ${damage} in ${path}: ${word}${wrong ? ', WRONG PATCH' : ''}${hiddenFail === undefined ? '' : `, "${hiddenFail}" fails`} (${outcome}${patch === undefined ? '' : `: ${patch}`})`
}

function rowOf(kind, results) {
  const count = (of) => results.filter(of).length
  const seconds = results.map(({ durationMs }) => durationMs / 1000).toSorted((a, b) => a - b)
  return {
    kind,
    cases: results.length,
    recovered: count((result) => result.recovered),
    exact: count((result) => result.exact),
    wrong: count((result) => result.wrong),
    median: seconds[seconds.length >> 1] ?? 0,
    slowest: seconds.at(-1) ?? 0,
  }
}

function share(count, of) {
  return of === 0 ? '–' : `${count} (${Math.round((100 * count) / of)} %)`
}
