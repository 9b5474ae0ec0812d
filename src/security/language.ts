/**
 * How the text of a file is read. `script`: comments and strings as in C and JavaScript; `hash`: code whose comments begin
 * with `#`; `markup`: code within tags; `json`, `data`, `prose`: not code.
 */
export type Language = 'script' | 'hash' | 'markup' | 'json' | 'data' | 'prose'

/** The language of a file by its name; `data` when the name says nothing. */
export function languageOf(path: string): Language {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  const special = byName.get(/^(?:\.env|dockerfile)\./.test(name) ? name.slice(0, name.indexOf('.', 1)) : name)
  if (special !== undefined) return special
  const dot = name.lastIndexOf('.')
  return byExtension.get(dot < 0 ? '' : name.slice(dot + 1)) ?? 'data'
}

/** Whether the file is JavaScript or TypeScript, which can be parsed here. */
export function isParsable(path: string): boolean {
  return /\.[cm]?[jt]sx?$/i.test(path)
}

/** Whether the file is a test or serves tests only, by the usual names. */
export function isTestPath(path: string): boolean {
  return /(?:^|\/)(?:tests?|__tests__|specs?|e2e|__mocks__|fixtures?)\/|[._-](?:test|spec)s?\.[a-z]+$|(?:^|\/)test_[^/]*\.py$|(?:^|\/)tests?\.[cm]?[jt]sx?$/i.test(
    path,
  )
}

const byExtension = new Map<string, Language>([
  ...each('script', 'js mjs cjs jsx ts mts cts tsx java kt go rs c h cc cpp hpp cs swift php scala dart sol'),
  ...each('hash', 'py rb sh bash zsh fish pl r ps1 tf mk yml yaml toml ini cfg conf env properties gyp'),
  ...each('markup', 'html htm vue svelte astro ejs hbs xml svg'),
  ...each('json', 'json jsonc json5 webmanifest'),
  ...each('prose', 'md mdx markdown txt rst adoc'),
])

const byName = new Map<string, Language>(
  each(
    'hash',
    'makefile dockerfile gemfile rakefile procfile justfile jenkinsfile .npmrc .yarnrc .bashrc .zshrc .profile .env pre-commit pre-push',
  ),
)

function each(language: Language, names: string): readonly (readonly [string, Language])[] {
  return names.split(' ').map((name) => [name, language] as const)
}
