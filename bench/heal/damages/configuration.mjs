import { jsonDamages } from './syntax.mjs'
import { misspelt, textDamage } from './text-damage.mjs'

/** Settings that are damaged or say what is not so. */
export function configurationDamages(project) {
  const files = [...project.text.keys()].filter((path) => /(?:^|\/)(?:tsconfig[^/]*|package)\.json$/.test(path))
  return files.flatMap((path) => [...jsonDamages(project, path), ...wrongValues(project, path)])
}

function wrongValues(project, path) {
  const text = project.text.get(path)
  const at = (name, pattern, become) =>
    [...text.matchAll(pattern)].map((match) => {
      const put = become(match[0])
      return textDamage(project, path, name)({ start: match.index, end: match.index + match[0].length, put })
    })
  const wrongPath = (value) => value.replace(/(\w+)(?=(?:\.\w+)?"$)/, misspelt)
  if (!path.endsWith('package.json')) {
    const value = (name, pattern) => at(name, pattern, (found) => found.replace(/"(\w+)"$/, (_, word) => `"${misspelt(word)}"`))
    return [
      ...value('compiler option wrong', /"(?:module|target|moduleResolution|jsx)"\s*:\s*"\w+"/g),
      ...at(
        'compiler option misspelt',
        /"(?:strict|esModuleInterop|allowJs|noEmit|skipLibCheck|module)"(?=\s*:)/g,
        (found) => `"${misspelt(found.slice(1, -1))}"`,
      ),
      ...at('extends wrong', /"extends"\s*:\s*"[^"]+"/g, wrongPath),
    ]
  }
  return [
    ...at('type wrong', /"type"\s*:\s*"module"/g, () => '"type": "commonjs"'),
    ...at('type wrong', /"type"\s*:\s*"commonjs"/g, () => '"type": "module"'),
    ...at('type dropped', /"type"\s*:\s*"\w+",\s*/g, () => ''),
    ...(text.includes('"type"') ? [] : at('type added', /^\{\s*/g, (found) => `${found}"type": "module",\n  `)),
    ...at('main wrong', /"main"\s*:\s*"[^"]+"/g, wrongPath),
    ...at('exports wrong', /"(?:import|require|default|\.)"\s*:\s*"\.[^"]+"/g, wrongPath),
  ]
}
