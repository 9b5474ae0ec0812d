import type { Output } from './output.js'

const tools =
  'npm npx pnpm yarn bun deno node tsc tsx ts-node esbuild vite rollup rolldown webpack parcel babel swc tsup eslint prettier biome oxlint stylelint vitest jest mocha ava tap playwright cypress jasmine docker kubectl helm terraform git pip pytest python cargo rustc go make gcc java gradle mvn curl ssh turbo nx lerna next serverless vercel netlify heroku fly aws gcloud az wrangler firebase pulumi ansible poetry uv pipenv psql redis-cli dotnet cmake ninja mypy pyright tslint xo standard dprint ruff flake8 black isort pylint rubocop golangci-lint ktlint checkstyle shellcheck hadolint yamllint markdownlint commitlint pre-commit lint-staged knip publint size-limit cspell typos actionlint htmlhint'.split(
    ' ',
  )
const runners = new Set(['npm', 'npx', 'pnpm', 'yarn', 'bun', 'node', 'turbo', 'python'])
const aliases: Readonly<Record<string, string>> = {
  python3: 'python',
  pip3: 'pip',
  npx: 'npm',
  nodejs: 'node',
  'docker-compose': 'docker',
  g: 'gcc',
  clang: 'gcc',
  javac: 'java',
  sls: 'serverless',
  gradlew: 'gradle',
  mvnw: 'mvn',
  flyctl: 'fly',
  'ansible-playbook': 'ansible',
  'g++': 'gcc',
}

const signatures: readonly (readonly [string, RegExp])[] = [
  ['vitest', /^(?:RUN|DEV) {2}v\d|⎯ Failed (?:Tests|Suites)|vitest/u],
  ['jest', /^Test Suites: |jest/],
  ['pytest', /^=+ (?:FAILURES|ERRORS|test session starts) =+$|^platform \w+ -- Python/],
  ['mocha', /^\d+ passing \(|[\\/]mocha[\\/]/],
  ['ava', /^✘ \[fail\]|[\\/]ava[\\/]/u],
  ['playwright', /playwright/],
  ['node', /^Node\.js v\d/],
  ['node', /^ℹ tests \d|^# tests \d|^TAP version/u],
  ['npm', /^npm (?:error|ERR!)/],
  ['webpack', /^webpack \d|compiled with \d+ error/],
  ['vite', /^vite v\d|\[vite/],
  ['tsc', /error TS\d/],
  ['python', /^Traceback \(most recent call last\)/],
  ['docker', /^(?:docker|#\d+ \[)/],
]

const anySignature = new RegExp(signatures.map(([, pattern]) => pattern.source).join('|'), 'u')

/** Which tool spoke, if it can be told: from the command line, else from the way it talks. */
export function toolOf(output: Output): string | undefined {
  let runner: string | undefined
  for (const word of output.command.split(/[\s;&|]+/)) {
    const name = word
      .replace(/^.*[\\/]/, '')
      .replace(/\.(?:cmd|exe|js|mjs)$/, '')
      .replace(/@.*$/, '')
      .toLowerCase()
    const tool = aliases[name] ?? name
    if (!tools.includes(tool)) continue
    if (!runners.has(tool)) return tool
    runner ??= tool
  }
  return heard(output) ?? runner
}

/** The first signature that any line has. Most lines have the first characters or a word of none. */
function heard(output: Output): string | undefined {
  const candidates = [...new Set(output.lines)].filter((line) => anySignature.test(line))
  return signatures.find(([, pattern]) => candidates.some((line) => pattern.test(line)))?.[0]
}
