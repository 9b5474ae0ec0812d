// As much of SVG as the pictures need: elements as text, scales, and a style that reads on light and dark pages alike.

/** An element; attributes that are undefined are left out, texts among the children must have gone through `text()`. */
export function element(name, attributes, ...children) {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escape(value)}"`)
    .join('')
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`
}

export const text = (x, y, content, attributes = {}) =>
  element('text', { x: round(x), y: round(y), ...attributes }, escape(content))

export const line = (x1, y1, x2, y2, attributes = {}) =>
  element('line', { x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2), ...attributes })

/** A line through points. */
export const path = (points, attributes) =>
  element('path', {
    d: points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join(''),
    ...attributes,
  })

/** A whole picture, with a title and a description for those who do not see it. */
export function picture({ width, height, title, description, style = '' }, ...children) {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-labelledby': 'title description',
  }
  const content = [
    element('title', { id: 'title' }, escape(title)),
    element('desc', { id: 'description' }, escape(description)),
    element('style', {}, `${baseStyle}${style}`),
    element('rect', { width, height, class: 'page' }),
    ...children,
  ]
  return `${element('svg', attributes, '\n', content.join('\n'), '\n')}\n`
}

/** A scale from values to places. */
export const linear = (from, to, start, end) => (value) => start + ((value - from) / (to - from)) * (end - start)
export const logarithmic = (from, to, start, end) => {
  const scale = linear(Math.log10(from), Math.log10(to), start, end)
  return (value) => scale(Math.log10(value))
}

const round = (value) => Math.round(value * 10) / 10

function escape(value) {
  const names = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return String(value).replace(/[&<>"]/g, (character) => names[character])
}

const baseStyle = `
text{font:13px system-ui,sans-serif;fill:#24292f}
.page{fill:#ffffff}.title{font-size:17px;font-weight:600}.small{font-size:12px;fill:#57606a}.middle{text-anchor:middle}.end{text-anchor:end}
.grid{stroke:#d0d7de;stroke-width:1}.axis{stroke:#57606a;stroke-width:1}.curve{fill:none;stroke-width:2}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}.small{fill:#9da7b3}.grid{stroke:#30363d}.axis{stroke:#9da7b3}}`
