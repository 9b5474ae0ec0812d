import { describe, expect, it } from 'vitest'
import { repairName } from '../../src/repair/imports/import-names.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'

function editsFor(files: Readonly<Record<string, string>>, name: string): readonly string[] {
  const { proposals } = repairName(memoryWorkspace(files), {
    specifier: './words.js',
    module: undefined,
    name,
    importer: 'src/index.js',
  })
  return proposals.flatMap(({ edits }) => edits.map(({ after }) => after ?? ''))
}

describe('repairName() with a module that declares what it does not export', () => {
  const importer = "import { joined } from './words.js'\njoined([])\n"

  it.each([
    ['function joined() {}\nexport const other = 1\n', 'export function joined() {}\nexport const other = 1\n'],
    ['export const other = 1\nconst joined = () => 1\n', 'export const other = 1\nexport const joined = () => 1\n'],
    [
      'export const other = 1\nconst a = 1, joined = () => a;\n',
      'export const other = 1\nconst a = 1, joined = () => a;\n\nexport { joined };\n',
    ],
    // The name itself is there, so it is not the near one that is meant.
    ['export const join = 1\nfunction joined() {}\n', 'export const join = 1\nexport function joined() {}\n'],
  ])('exports it first of all: %j', (module, healed) => {
    expect(editsFor({ 'src/index.js': importer, 'src/words.js': module }, 'joined')[0]).toBe(healed)
  })

  it.each([
    ['function joined() {}\n', 'export default function joined() {}\n'],
    ['const joined = () => 1\n', 'const joined = () => 1\n\nexport default joined\n'],
  ])('exports it as the default: %j', (module, healed) => {
    const files = { 'src/index.js': "import joined from './words.js'\njoined([])\n", 'src/words.js': module }
    expect(editsFor(files, 'default')[0]).toBe(healed)
  })

  it('does not write an export into CommonJS', () => {
    const files = { 'src/index.js': importer, 'src/words.js': 'function joined() {}\nmodule.exports = {}\n' }
    expect(editsFor(files, 'joined').filter((text) => text.includes('export '))).toEqual([])
  })
})

describe('repairName() for a name that is handed on', () => {
  const files = {
    'src/index.js': "export { joiend } from './words.js'\n",
    'src/words.js': 'export const joined = 1\n',
  }

  it('corrects it for everyone where nobody asks for the misspelt name', () => {
    expect(editsFor(files, 'joiend')).toEqual(["export { joined } from './words.js'\n"])
  })

  it('keeps the name that another file asks for', () => {
    const asking = { ...files, 'src/main.js': "import { joiend } from './index.js'\n" }
    const sure = { ...asking, 'src/other.js': "import { joined } from './words.js'\n" }
    expect(editsFor(sure, 'joiend')).toEqual(["export { joined as joiend } from './words.js'\n"])
    // Where only the module itself writes the other name, it may as well be the module that is wrong.
    expect(editsFor(asking, 'joiend')[0]).toBe('export const joiend = 1\n')
  })
})
