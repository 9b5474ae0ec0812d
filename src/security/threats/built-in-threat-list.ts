import type { ThreatList } from './threat-list.js'

/** A package and its malicious versions, divided by blanks. */
function bad(reason: string, entries: string): ThreatList['packages'] {
  return entries.split('\n').flatMap((line) => {
    const [name = '', ...versions] = line.trim().split(/\s+/)
    return name === '' ? [] : [{ name, reason, ...(versions.length > 0 && { versions }) }]
  })
}

/**
 * The list that ships: versions of well-known packages that were published by attackers and reported in public, and hosts
 * of phishing and of request catchers. It is small and names what is certain; a feed such as OSV knows far more.
 */
export const builtInThreatList: ThreatList = Object.freeze({
  format: 1,
  name: 'homeostat built-in list',
  version: 1,
  date: '2026-11-01',
  packages: Object.freeze([
    ...bad(
      'Maintainer handed over to a stranger, who added code that stole wallets (2018)',
      `event-stream 3.3.6
       flatmap-stream`,
    ),
    ...bad(
      'Published from a stolen account: steals npm tokens (2018)',
      `eslint-scope 3.7.2
       eslint-config-eslint 5.0.2`,
    ),
    ...bad('A name that imitated cross-env and stole environment variables (2017)', 'crossenv'),
    ...bad('Holds a back door in what looks like a cookie parser (2018)', 'getcookies'),
    ...bad('Made to steal wallets, as a dependency of a popular wallet (2019)', 'electron-native-notify'),
    ...bad(
      'Published from a stolen account: mines and steals passwords (2021)',
      `ua-parser-js 0.7.29 0.8.0 1.0.0
       coa 2.0.3 2.0.4 2.1.1 2.1.3 3.0.1 3.1.3
       rc 1.2.9 1.3.9 2.3.9`,
    ),
    ...bad(
      'Sabotaged by its own maintainer: never ends, or is empty (2022)',
      `colors 1.4.1 1.4.2 1.4.44-liberty-2
       faker 6.6.6`,
    ),
    ...bad('Deletes or overwrites files by the place of the machine (2022)', 'node-ipc 10.1.1 10.1.2'),
    ...bad('Writes files to the desktop without being asked (2022)', 'peacenotwar'),
    ...bad('Published from a stolen account: drains wallets (2023)', '@ledgerhq/connect-kit 1.1.5 1.1.6 1.1.7'),
    ...bad(
      'Published from a stolen account: steals keys or mines (2024)',
      `@lottiefiles/lottie-player 2.0.5 2.0.6 2.0.7
       @solana/web3.js 1.95.6 1.95.7
       @rspack/core 1.1.7
       @rspack/cli 1.1.7`,
    ),
    ...bad('Published from a stolen account: steals keys of wallets (2025)', 'xrpl 2.14.2 4.2.1 4.2.2 4.2.3 4.2.4'),
    ...bad(
      'Published with a token got by phishing: runs a library at install (July 2025)',
      `eslint-config-prettier 8.10.1 9.1.1 10.1.6 10.1.7
       eslint-plugin-prettier 4.2.2 4.2.3
       synckit 0.11.9
       @pkgr/core 0.2.8
       napi-postinstall 0.3.1
       got-fetch 5.1.11 5.1.12
       is 3.3.1 5.0.0`,
    ),
    ...bad(
      'Published with a stolen token: sends secrets to a public repository (August 2025)',
      'nx 20.9.0 20.10.0 20.11.0 20.12.0 21.5.0 21.6.0 21.7.0 21.8.0',
    ),
    ...bad(
      'Published from an account taken by phishing: replaces addresses of wallets (September 2025)',
      `ansi-regex 6.2.1
       ansi-styles 6.2.2
       backslash 0.2.1
       chalk 5.6.1
       chalk-template 1.1.1
       color-convert 3.1.1
       color-name 2.0.1
       color-string 2.1.1
       debug 4.4.2
       error-ex 1.3.3
       has-ansi 6.0.1
       is-arrayish 0.3.3
       simple-swizzle 0.2.3
       slice-ansi 7.1.1
       strip-ansi 7.1.1
       supports-color 10.2.1
       supports-hyperlinks 4.1.1
       wrap-ansi 9.0.1`,
    ),
    ...bad('Spread by a worm that steals tokens and publishes itself (September 2025)', '@ctrl/tinycolor 4.1.1 4.1.2'),
  ]),
  hosts: Object.freeze([
    ...['npmjs.help', 'npnjs.com'].map((host) => ({
      host,
      kind: 'malicious' as const,
      reason: 'Imitated the registry to take accounts of maintainers (2025)',
    })),
    ...[
      ...['webhook.site', 'requestbin.net', 'requestcatcher.com', 'pipedream.net', 'beeceptor.com', 'hookbin.com', 'ngrok.io'],
      ...['oast.fun', 'oast.live', 'oast.me', 'oast.online', 'oast.pro', 'oast.site', 'interact.sh', 'burpcollaborator.net'],
      ...['oastify.com', 'dnslog.cn', 'canarytokens.com', 'transfer.sh', 'file.io'],
    ].map((host) => ({
      host,
      kind: 'catcher' as const,
      reason: 'Shows to its owner whatever is sent there: a usual place to send stolen data to',
    })),
  ]),
  installScripts: Object.freeze(
    `bcrypt better-sqlite3 bufferutil canvas core-js cpu-features cypress deasync electron esbuild fsevents grpc husky isolated-vm
     keytar libpq msgpackr-extract node-pty node-sass nx onnxruntime-node phantomjs-prebuilt playwright-chromium protobufjs
     puppeteer re2 robotjs sharp sqlite3 ssh2 unrs-resolver usb utf-8-validate workerd zeromq @parcel/watcher @swc/core
     @sentry/cli @prisma/client @prisma/engines`.split(/\s+/),
  ),
})
