import type { Workspace } from '../../core/ports.js'
import { projectPath } from '../imports/import-path.js'
import { detail, type ConfigurationQuestion } from './question.js'
import { readSettings, type SettingPath, type SettingsText } from './settings-text.js'

/** One file of settings for the TypeScript compiler. */
export interface CompilerSettings {
  readonly path: string
  readonly settings: SettingsText
}

const filesMax = 60

/** The compiler's settings of the project, those that the fault is about first. */
export function compilerSettings(question: ConfigurationQuestion): readonly CompilerSettings[] {
  const { workspace, fault } = question
  const place = fault.location === undefined ? undefined : projectPath(workspace, fault.location.file)
  const asked = detail(fault, 'path')
  const first = [place, asked === undefined ? undefined : projectPath(workspace, asked)]
  return [...settingsFiles(workspace)]
    .sort((a, b) => Number(first.includes(b)) - Number(first.includes(a)) || a.split('/').length - b.split('/').length)
    .flatMap((path) => {
      const settings = readSettings(workspace.read(path))
      return settings === undefined ? [] : [{ path, settings }]
    })
}

function settingsFiles(workspace: Workspace): readonly string[] {
  return workspace
    .files()
    .filter((path) => /(?:^|\/)(?:[\w.-]{0,60}[.-])?(?:tsconfig|jsconfig)(?:[.-][\w.-]{1,60})?\.json$/.test(path))
    .slice(0, filesMax)
}

/** The value of a compiler option in one file, if it is set there. */
export function optionOf({ settings }: CompilerSettings, name: string): string | number | boolean | null | undefined {
  return settings.settings.find(({ path }) => path.length === 2 && path[0] === 'compilerOptions' && path[1] === name)?.value
}

/** The text with a compiler option set, whether it was there or not. */
export function withOption({ settings }: CompilerSettings, name: string, value: unknown): string | undefined {
  const place: SettingPath = ['compilerOptions', name]
  if (settings.names(['compilerOptions']).includes(name)) return settings.withValue(place, value)
  return settings.names([]).includes('compilerOptions')
    ? settings.withMember(['compilerOptions'], name, value)
    : settings.withMember([], 'compilerOptions', { [name]: value })
}
