import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The environment of commands in a sandbox. */
export interface SandboxEnvironment {
  /** Where tools find what they downloaded; a caller may say otherwise. */
  readonly tools: Readonly<Record<string, string | undefined>>
  /** The private folders; a caller cannot take these away. */
  readonly own: Readonly<Record<string, string>>
}

/**
 * Makes a private home and a private temporary folder in `base`. The home is empty but for the `.npmrc`: the user's own
 * settings that are no secret, such as where packages come from and that scripts are not run. What tools have downloaded into the user's home (packages, browsers, tool
 * chains) is pointed to, so that nothing is downloaded twice; it is shared, not private.
 *
 * @param environment - The environment of this process.
 */
export async function furnishHome(
  base: string,
  { realHome, environment }: { readonly realHome: string; readonly environment: Readonly<Record<string, string | undefined>> },
): Promise<SandboxEnvironment> {
  const home = join(base, 'home')
  const temporary = join(base, 'tmp')
  await mkdir(home, { mode: 0o700 })
  await mkdir(temporary, { mode: 0o700 })
  await writeFile(
    join(home, '.npmrc'),
    packageSettings(await readText(environment['npm_config_userconfig'] ?? join(realHome, '.npmrc'))),
    { mode: 0o600 },
  )

  const tools: Record<string, string | undefined> = {
    npm_config_userconfig: undefined,
    XDG_CACHE_HOME: undefined,
    XDG_CONFIG_HOME: undefined,
    XDG_DATA_HOME: undefined,
  }
  for (const [name, base_, path] of toolFolders) {
    const folder = environment[name] ?? join(environment[base_.name] ?? join(realHome, base_.otherwise), path)
    if (existsSync(folder)) tools[name] = folder
  }
  return { tools, own: { HOME: home, USERPROFILE: home, TMPDIR: temporary, TMP: temporary, TEMP: temporary } }
}

/** The lines of an `.npmrc` with the settings known to be harmless; none that holds, or may hold, a secret. */
export function packageSettings(text: string): string {
  return text
    .split(/\r?\n/)
    .filter((line) => line.length < 1_000 && harmless.test(line) && !/\/\/[^/\s]*@|\$\{/.test(line))
    .map((line) => `${line.trim()}\n`)
    .join('')
}

const harmless = new RegExp(
  `^\\s{0,8}(?:${[
    '(?:@[\\w.-]{1,214}:)?registry',
    '(?:https?-)?proxy',
    'noproxy',
    'cafile',
    'strict-ssl',
    'fetch-[a-z-]{1,30}',
    'offline',
    'prefer-offline',
    'ignore-scripts',
    'yes',
    'min-release-age',
    'minimum-release-age',
    'before',
    'engine-strict',
    'legacy-peer-deps',
    'strict-peer-deps',
    'auto-install-peers',
    'audit',
    'fund',
    'save-exact',
    'save-prefix',
    'package-lock',
    'lockfile-version',
    'omit-lockfile-registry-resolved',
    'install-links',
    'install-strategy',
    'node-linker',
    'hoist',
    'shamefully-hoist',
  ].join('|')})\\s{0,8}=`,
)

async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).slice(0, 64 * 1024)
  } catch {
    // Most people have none.
    return ''
  }
}

const inHome = { name: 'HOME', otherwise: '' }
const inCache = { name: 'XDG_CACHE_HOME', otherwise: '.cache' }
const inData = { name: 'XDG_DATA_HOME', otherwise: '.local/share' }

/** Where tools keep what they downloaded, by their documentation: the variable that says so, and the folder when it is not set. */
const toolFolders: readonly (readonly [string, { readonly name: string; readonly otherwise: string }, string])[] = [
  ['npm_config_cache', inHome, '.npm'],
  ['npm_config_store_dir', inData, 'pnpm/store'],
  ['YARN_CACHE_FOLDER', inCache, 'yarn'],
  ['YARN_GLOBAL_FOLDER', inHome, '.yarn/berry'],
  ['BUN_INSTALL', inHome, '.bun'],
  ['COREPACK_HOME', inCache, 'node/corepack'],
  ['VOLTA_HOME', inHome, '.volta'],
  ['PLAYWRIGHT_BROWSERS_PATH', inCache, 'ms-playwright'],
  ['PUPPETEER_CACHE_DIR', inCache, 'puppeteer'],
  ['CYPRESS_CACHE_FOLDER', inCache, 'Cypress'],
]
