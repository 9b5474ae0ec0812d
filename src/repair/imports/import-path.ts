import { posix } from 'node:path'
import type { Workspace } from '../../core/ports.js'

/** Longer texts are no paths of a project, whatever an error message says. */
const pathLengthMax = 1024

/**
 * The path of a project file that a tool named: absolute inside the root, a `file:` address, or relative to the root.
 * `undefined` for anything that leads outside or is no plain path. Says nothing about whether the file exists.
 */
export function projectPath(workspace: Workspace, named: string): string | undefined {
  if (named === '' || named.length > pathLengthMax || /[\u0000-\u001f\u007f]/.test(named)) return undefined
  const path = withoutScheme(named)?.replace(/\\/g, '/')
  if (path === undefined) return undefined
  const root = workspace.root.replace(/\\/g, '/').replace(/\/$/, '')
  if (path === root) return ''
  if (path.startsWith(`${root}/`)) return insidePath(path.slice(root.length + 1))
  return path.startsWith('/') || /^[A-Za-z]:/.test(path) ? undefined : insidePath(path)
}

/** In its shortest form; `undefined` when it leads out of the root. */
export function insidePath(path: string): string | undefined {
  const short = posix.normalize(path).replace(/\/$/, '')
  if (short.startsWith('/') || short === '..' || short.startsWith('../')) return undefined
  return short === '.' ? '' : short
}

/** The folder, then each folder above it, up to the root `''`. */
export function foldersUp(folder: string): readonly string[] {
  const segments = folder === '' ? [] : folder.split('/')
  return [...segments.map((_, index) => segments.slice(0, segments.length - index).join('/')), '']
}

export function inFolder(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

/** `''` for a file at the root. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf('/')
  return end === -1 ? '' : path.slice(0, end)
}

/** The path without the extension of a source file, and without a closing `/index`: what an import may mean it by. */
export function stemOf(path: string): string {
  return path.replace(sourceExtension, '').replace(/(^|\/)index$/, '')
}

/** Ends of files that an import can name without writing them; the order is the one in which resolvers try them. */
export const impliedExtensions = ['.js', '.ts', '.tsx', '.jsx', '.d.ts', '.json', '.node', '.vue', '.svelte'] as const
const sourceExtension = /(?:\.d)?\.(?:[cm]?[jt]s|[jt]sx|json|node|vue|svelte)$/

/** `.js`, `.d.ts`, `.css`; `''` when there is none. */
export function extensionOf(path: string): string {
  return sourceExtension.exec(path)?.[0] ?? posix.extname(path)
}

/** Whether people would call the file a test, its helper, or a part of the tooling: what it imports is for development only. */
export function isForDevelopment(path: string): boolean {
  return (
    isTest(path) ||
    /(?:^|\/)(?:bench|benchmarks|scripts|tools|\.storybook)\//.test(path) ||
    /(?:^|\/)[^/]*(?:\.config\.|rc\.)[^/]*$/.test(path)
  )
}

export function isTest(path: string): boolean {
  return (
    /(?:^|\/)(?:tests?|__tests__|__mocks__|specs?|e2e|cypress|fixtures)\//.test(path) ||
    /[._-](?:test|spec|cy|e2e|bench)\.[^/]+$/.test(path) ||
    /(?:^|\/)tests?\.[^/]+$/.test(path)
  )
}

function withoutScheme(named: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9+.-]+:/.test(named)) return named
  if (!named.startsWith('file://')) return undefined
  try {
    return decodeURIComponent(
      named
        // AVA writes paths of the project without a third slash.
        .slice('file://'.length)
        .replace(/^\/([A-Za-z]:)/, '$1')
        .replace(/[?#].*$/, ''),
    )
  } catch {
    return undefined
  }
}
