/** The sections as markdown: a heading, what it is about, a table with a row for each rule. */
export function markdown(sections) {
  return sections.map(sectionMarkdown).join('\n\n')
}

function sectionMarkdown({ title, about, unit, columns, rows }) {
  const lines = [
    ['rule', ...columns.map(({ name }) => name)],
    ['---', ...columns.map(() => '---:')],
    ...rows.map((row) => [row.ours ? `**${row.name}**` : row.name, ...columns.map(({ id }) => row.figures[id].text)]),
  ]
  return [`### ${title}`, '', `${about} Figures: ${unit}.`, '', ...lines.map((cells) => `| ${cells.join(' | ')} |`)].join('\n')
}

/** The bars and whether they are met, one line each. */
export function barLines(judgements) {
  return judgements.map(
    ({ row, cell, figure, max, min, passed }) =>
      `${passed ? '✓' : '✗'} ${row}, ${cell}: ${figure} (${max === undefined ? `at least ${min}` : `at most ${max}`})`,
  )
}
