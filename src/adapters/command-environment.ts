/** What a command may know of the environment of its parent, and what it is told besides. */
export interface EnvironmentOptions {
  /** The environment of this process. */
  readonly parent: Readonly<Record<string, string | undefined>>
  /** Added, and stronger than everything else; `undefined` takes a name away. */
  readonly added?: Readonly<Record<string, string | undefined>> | undefined
  /** Unique to one run; found again in the environment of its descendants. */
  readonly marker: string
  /** Heap limit for Node children. */
  readonly memoryBytesMax?: number | undefined
}

/** The name under which a run marks its descendants. */
export const markerName = 'HOMEOSTAT_RUN_ID'

/**
 * A minimal environment for a command: where programs are, the language, certificates and proxies, what Node and package
 * managers need to behave as they do for the user. Tokens, keys and everything else of the parent stay behind; a proxy address
 * is passed on as it is. Output is asked to be plain, and tools not to look for newer versions of themselves.
 */
export function commandEnvironment({ parent, added = {}, marker, memoryBytesMax }: EnvironmentOptions): Record<string, string> {
  const names = new Map<string, string>()
  for (const [name, value] of Object.entries(parent)) if (value !== undefined && isPassedOn(name)) names.set(name, value)
  // Not FORCE_COLOR=0 as well: Node warns, into the output, when both are set.
  names.set('NO_COLOR', '1').set('TERM', 'dumb').set('NO_UPDATE_NOTIFIER', '1').set('npm_config_update_notifier', 'false')
  for (const [name, value] of Object.entries(added)) {
    if (value === undefined) names.delete(name)
    else names.set(name, value)
  }
  if (memoryBytesMax !== undefined) {
    const flag = `--max-old-space-size=${Math.max(1, Math.floor(memoryBytesMax / 1_048_576))}`
    names.set('NODE_OPTIONS', `${names.get('NODE_OPTIONS') ?? ''} ${flag}`.trim())
  }
  // A homeostat inside a homeostat keeps the outer marks, so that the outer one finds its grandchildren too.
  names.set(markerName, `${parent[markerName] ?? ''}${marker}`.slice(-markerLengthMax))
  return Object.fromEntries(names)
}

const markerLengthMax = 1_024

function isPassedOn(name: string): boolean {
  return passedOn.has(name.toUpperCase()) || (npmSetting.test(name) && !/auth|token|passw|secret|otp/i.test(name))
}

/** Settings that say where packages come from, are kept, and what they may do. Others describe the run of npm we may be in. */
const npmSetting =
  /^npm_config_(?:cache|registry|userconfig|globalconfig|proxy|https?_proxy|noproxy|cafile|ca|strict_ssl|offline|prefer_offline|ignore_scripts|yes|min_release_age|legacy_peer_deps|store_dir|fetch_[a-z_]{1,30}|@[^:]{1,214}:registry)$/i

const passedOn: ReadonlySet<string> = new Set(
  `PATH HOME USER LOGNAME SHELL TZ LANG LANGUAGE LC_ALL LC_ADDRESS LC_COLLATE LC_CTYPE LC_IDENTIFICATION LC_MEASUREMENT
  LC_MESSAGES LC_MONETARY LC_NAME LC_NUMERIC LC_PAPER LC_TELEPHONE LC_TIME TMPDIR TMP TEMP CI
  NODE_ENV NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR
  HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY
  XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME
  COREPACK_HOME COREPACK_ENABLE_STRICT COREPACK_ENABLE_DOWNLOAD_PROMPT COREPACK_NPM_REGISTRY PNPM_HOME VOLTA_HOME BUN_INSTALL
  YARN_CACHE_FOLDER YARN_GLOBAL_FOLDER PLAYWRIGHT_BROWSERS_PATH PUPPETEER_CACHE_DIR CYPRESS_CACHE_FOLDER
  SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT APPDATA LOCALAPPDATA USERPROFILE HOMEDRIVE HOMEPATH PROGRAMFILES PROGRAMDATA
  PROGRAMFILES(X86) NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE`.split(/\s+/),
)

/**
 * The environment as the user's shell gave it: without what `npm run` adds for the script that we may be part of. Its log level,
 * for one, would silence the package manager that is to be heard.
 */
export function outsideNpmRun(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  if (environment['npm_lifecycle_event'] === undefined) return environment
  const isAdded = /^npm_(?:lifecycle_|package_|command$|config_loglevel$)/
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isAdded.test(name)))
}
