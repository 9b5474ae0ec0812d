import type { Workspace } from '../../core/ports.js'

/** Names under which usual tools look for their settings, at the root of a package. Endings in braces are told apart by `|`. */
const patterns = [
  'tsconfig.json jsconfig.json .mocharc.{json|jsonc|js|cjs|mjs|yml|yaml} .babelrc .babelrc.{json|js|cjs|mjs} babel.config.{json|js|cjs|mjs|ts}',
  '.eslintrc .eslintrc.{json|js|cjs|yml|yaml} eslint.config.{js|mjs|cjs|ts|mts|cts} .prettierrc .prettierrc.{json|json5|yml|yaml|js|cjs|mjs|toml}',
  'prettier.config.{js|cjs|mjs|ts} jest.config.{js|cjs|mjs|ts|json} vitest.config.{ts|mts|js|mjs|cjs} vite.config.{ts|mts|js|mjs|cjs} vitest.workspace.{ts|js|json}',
  'ava.config.{js|cjs|mjs} rollup.config.{js|mjs|cjs|ts} webpack.config.{js|cjs|mjs|ts} tsup.config.{ts|js|json} postcss.config.{js|cjs|mjs|ts|json}',
  'tailwind.config.{js|cjs|mjs|ts} .nycrc .nycrc.json .c8rc.json .taprc .swcrc .lintstagedrc.json commitlint.config.{js|cjs|mjs|ts}',
  'playwright.config.{ts|js} cypress.config.{ts|js} karma.conf.js nodemon.json turbo.json nx.json lerna.json angular.json pnpm-workspace.yaml',
  'stylelint.config.{js|cjs|mjs} .stylelintrc .stylelintrc.json next.config.{js|mjs|ts} nuxt.config.{ts|js} astro.config.{mjs|ts} svelte.config.js biome.json biome.jsonc .env',
] as const

/** Every name that a usual tool looks for. */
export const toolFileNames: ReadonlySet<string> = new Set(
  patterns.flatMap((line) =>
    line.split(' ').flatMap((pattern) => {
      const [stem = '', endings] = pattern.replace('}', '').split('{')
      return endings === undefined ? [stem] : endings.split('|').map((ending) => `${stem}${ending}`)
    }),
  ),
)

const filesMax = 120

/** Files of the project that hold settings of tools, the shallow ones first; at most 120. Manifests are not among them. */
export function toolFiles(workspace: Workspace): readonly string[] {
  return workspace
    .files()
    .filter((path) => isToolFile(path.slice(path.lastIndexOf('/') + 1)))
    .sort((a, b) => a.split('/').length - b.split('/').length)
    .slice(0, filesMax)
}

function isToolFile(name: string): boolean {
  return (
    toolFileNames.has(name) ||
    /^(?:tsconfig|jsconfig)[.-][\w.-]{1,60}\.json$/.test(name) ||
    /^[\w.-]{1,60}\.(?:config|conf)(?:\.[\w-]{1,20})?\.(?:[cm]?[jt]s|json|ya?ml)$/.test(name)
  )
}
