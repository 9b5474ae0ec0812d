import { describe, expect, it } from 'vitest'
import { ask, best, manifest } from './ask.js'

const source = { 'src/index.ts': 'export const a = 1\n', 'test/support/setup.ts': '' }
const tsconfig = (options: object, more: object = { include: ['src'] }): string =>
  `${JSON.stringify({ compilerOptions: options, ...more }, null, 2)}\n`

async function option(options: object, output: string, files: object = {}): Promise<unknown> {
  const after = (await best({ ...source, 'package.json': manifest({}), 'tsconfig.json': tsconfig(options), ...files }, output))[
    'tsconfig.json'
  ]
  const parsed: unknown = after === undefined || after === null ? undefined : JSON.parse(after)
  return typeof parsed === 'object' && parsed !== null && 'compilerOptions' in parsed ? parsed.compilerOptions : undefined
}

describe('configurationRepairer on options of the compiler', () => {
  it('renames an option as the compiler suggests, and a section that it passes over', async () => {
    expect(
      await option(
        { stirct: true },
        "tsconfig.json(3,5): error TS5025: Unknown compiler option 'stirct'. Did you mean 'strict'?",
      ),
    ).toEqual({ strict: true })
    const text = '{\n  // note\n  "compilerOption": { "strict": true },\n}\n'
    expect(await best({ ...source, 'tsconfig.json': text }, "src/index.ts(1,1): error TS2584: Cannot find name 'x'.")).toEqual({
      'tsconfig.json': text.replace('Option"', 'Options"'),
    })
  })

  it('takes the nearest value of the list, and asks the other options where several are near', async () => {
    const output = (name: string, list: string) =>
      `tsconfig.json(4,5): error TS6046: Argument for '--${name}' option must be: ${list}.`
    expect(
      await option({ module: 'esnxt' }, output('module', "'none', 'commonjs', 'es6', 'esnext', 'nodenext', 'preserve'")),
    ).toEqual({ module: 'esnext' })
    expect(
      await option(
        { module: 'nodenext', moduleResolution: 'noodenext' },
        output('moduleResolution', "'node16', 'nodenext', 'bundler'"),
      ),
    ).toEqual({ module: 'nodenext', moduleResolution: 'nodenext' })
    expect(
      await option({ target: 'es202', lib: ['es2022'] }, output('target', "'es2020', 'es2021', 'es2022', 'es2023'")),
    ).toEqual({ target: 'es2022', lib: ['es2022'] })
    expect(await option({ lib: ['es2022x', 'dom'] }, output('lib', "'es5', 'es2021', 'es2022', 'dom'"))).toEqual({
      lib: ['es2022', 'dom'],
    })
  })

  it('gives a value its type without changing what it says', async () => {
    const output = (name: string, type: string) =>
      `tsconfig.json(3,5): error TS5024: Compiler option '${name}' requires a value of type ${type}.`
    expect(await option({ strict: 'true' }, output('strict', 'boolean'))).toEqual({ strict: true })
    expect(await option({ lib: 'es2022' }, output('lib', 'Array'))).toEqual({ lib: ['es2022'] })
    expect(await option({ outDir: 1 }, output('outDir', 'string'))).toEqual({ outDir: '1' })
    expect(await option({ strict: 'perhaps' }, output('strict', 'boolean'))).toBeUndefined()
  })

  it.each([
    [
      "error TS5110: Option 'module' must be set to 'NodeNext' when option 'moduleResolution' is set to 'NodeNext'.",
      { moduleResolution: 'nodenext', module: 'commonjs' },
      { moduleResolution: 'nodenext', module: 'NodeNext' },
    ],
    [
      "error TS5095: Option 'bundler' can only be used when 'module' is set to 'preserve' or to 'es2015' or later.",
      { moduleResolution: 'bundler', module: 'commonjs' },
      { moduleResolution: 'bundler', module: 'esnext' },
    ],
    [
      "error TS5095: Option 'bundler' can only be used when 'module' is set to 'preserve' or to 'es2015' or later.",
      { moduleResolution: 'bundler', module: 'nodenext' },
      { moduleResolution: 'nodenext', module: 'nodenext' },
    ],
    [
      "src/index.ts(1,1): error TS1343: The 'import.meta' meta-property is only allowed when the '--module' option is 'es2020', 'es2022', 'esnext'.",
      { module: 'commonjs', moduleResolution: 'bundler' },
      { module: 'esnext', moduleResolution: 'bundler' },
    ],
    [
      "src/index.ts(1,1): error TS2792: Cannot find module 'qs'. Did you mean to set the 'moduleResolution' option to 'nodenext', or to add aliases to the 'paths' option?",
      { module: 'nodenext', moduleResolution: 'classic' },
      { module: 'nodenext', moduleResolution: 'nodenext' },
    ],
    [
      "src/index.ts(1,1): error TS2550: Property 'at' does not exist on type 'string[]'. Do you need to change your target library? Try changing the 'lib' compiler option to 'es2022' or later.",
      { target: 'es2023', lib: ['es5', 'dom'] },
      { target: 'es2023', lib: ['es2023', 'dom'] },
    ],
    [
      "src/index.ts(1,1): error TS2550: Property 'at' does not exist on type 'string[]'. Do you need to change your target library? Try changing the 'lib' compiler option to 'es2022' or later.",
      { target: 'es5' },
      { target: 'es2022' },
    ],
    [
      "src/index.ts(1,1): error TS2584: Cannot find name 'document'. Do you need to change your target library? Try changing the 'lib' compiler option to include 'dom'.",
      { lib: ['es2022'] },
      { lib: ['es2022', 'dom'] },
    ],
    [
      "src/index.ts(1,1): error TS1259: Module 'a' can only be default-imported using the 'esModuleInterop' flag",
      {},
      { esModuleInterop: true },
    ],
    [
      "src/index.ts(1,1): error TS2732: Cannot find module './a.json'. Consider using '--resolveJsonModule' to import module with '.json' extension.",
      {},
      { resolveJsonModule: true },
    ],
    ["src/index.ts(1,1): error TS17004: Cannot use JSX unless the '--jsx' flag is provided.", {}, { jsx: 'preserve' }],
    [
      "src/index.ts(1,1): error TS5097: An import path can only end with a '.ts' extension when 'allowImportingTsExtensions' is enabled.",
      { noEmit: true },
      { noEmit: true, allowImportingTsExtensions: true },
    ],
    [
      "tsconfig.json(1,1): error TS5052: Option 'checkJs' cannot be specified without specifying option 'allowJs'.",
      { checkJs: true },
      { checkJs: true, allowJs: true },
    ],
    [
      "src/index.ts(1,1): error TS1378: Top-level 'await' expressions are only allowed when the 'module' option is set to 'es2022', 'esnext', and the 'target' option is 'es2017' or higher.",
      { module: 'esnext', target: 'es5' },
      { module: 'esnext', target: 'es2022' },
    ],
    [
      "src/index.ts(1,1): error TS1343: The 'import.meta' meta-property is only allowed when the '--module' option is 'es2020'.",
      { module: 'commonjs', moduleResolution: 'nodenext' },
      { module: 'nodenext', moduleResolution: 'nodenext' },
    ],
    [
      "src/index.ts(1,1): error TS1343: The 'import.meta' meta-property is only allowed when the '--module' option is 'es2020'.",
      { module: 'commonjs' },
      { module: 'esnext' },
    ],
    [
      "src/index.ts(1,1): error TS2792: Cannot find module 'qs'. Did you mean to set the 'moduleResolution' option to 'nodenext', or to add aliases to the 'paths' option?",
      { module: 'esnext', moduleResolution: 'classic' },
      { module: 'esnext', moduleResolution: 'bundler' },
    ],
    [
      "error TS5109: Option 'moduleResolution' must be set to 'NodeNext' (or left unspecified) when option 'module' is set to 'NodeNext'.",
      { module: 'NodeNext', moduleResolution: 'bundler' },
      { module: 'NodeNext', moduleResolution: 'NodeNext' },
    ],
    [
      "src/index.ts(1,1): error TS2802: Type 'Set<string>' can only be iterated through when using the '--downlevelIteration' flag or with a '--target' of 'es2015' or higher.",
      { target: 'es5' },
      { target: 'es2022' },
    ],
    [
      'src/index.ts(1,1): error TS18028: Private identifiers are only available when targeting ECMAScript 2015 and higher.',
      { target: 'es5' },
      { target: 'es2022' },
    ],
    [
      "src/index.ts(1,1): error TS5097: An import path can only end with a '.ts' extension when 'allowImportingTsExtensions' is enabled.",
      { outDir: 'out' },
      { outDir: 'out', rewriteRelativeImportExtensions: true },
    ],
    [
      "src/index.ts(1,1): error TS1219: Experimental support for decorators is a feature that is subject to change. Set the 'experimentalDecorators' option to remove this warning.",
      {},
      { experimentalDecorators: true },
    ],
    [
      'tsconfig.json(1,1): error TS6304: Composite projects may not disable declaration emit.',
      { composite: true, declaration: false },
      { composite: true, declaration: true },
    ],
    [
      "src/index.ts(1,1): error TS2550: Property 'at' does not exist on type 'string[]'. Do you need to change your target library? Try changing the 'lib' compiler option to 'esnext' or later.",
      { lib: ['es5'] },
      { lib: ['esnext'] },
    ],
  ])('does what it asks for: %s', async (output, before, after) => {
    expect(await option(before, output)).toEqual(after)
  })

  it('never sets an option that checks less', async () => {
    for (const output of [
      "src/index.ts(1,1): error TS7006: Parameter 'a' implicitly has an 'any' type.",
      "src/index.ts(1,1): error TS2532: Object is possibly 'undefined'.",
      "src/index.ts(1,1): error TS6133: 'a' is declared but its value is never read.",
    ])
      expect(
        (await ask({ ...source, 'tsconfig.json': tsconfig({ strict: true, noUnusedLocals: true }) }, output)).proposals,
      ).toEqual([])
  })
})

describe('configurationRepairer on paths of the compiler', () => {
  const files = {
    ...source,
    'package.json': manifest({ devDependencies: { '@types/node': '1', '@tsconfig/node22': '1' } }),
    'tsconfig.base.json': '{}',
    'node_modules/@types/node/index.d.ts': '',
    'node_modules/@tsconfig/node22/tsconfig.json': '{}',
  }
  const noInputs = "error TS18003: No inputs were found in config file '/project/tsconfig.json'."
  const cannotFind = "error TS5083: Cannot read file '/project/tsconfig.bse.json'."

  it.each([
    [{ include: ['scr/**/*.ts', 'test'] }, { include: ['src/**/*.ts', 'test'] }, noInputs],
    [{ include: ['src/**/*.tss'] }, { include: ['src/**/*.ts'] }, noInputs],
    [{ files: ['src/indx.ts'] }, { files: ['src/index.ts'] }, "error TS6053: File '/project/src/indx.ts' not found."],
    [{ extends: './tsconfig.bse.json' }, { extends: './tsconfig.base.json' }, cannotFind],
    [{ extends: './tsconfig.bse' }, { extends: './tsconfig.base' }, cannotFind],
    [{ extends: './config/tsconfig.base.json' }, { extends: './tsconfig.base.json' }, cannotFind],
    [
      { extends: '@tsconfig/nod22/tsconfig.json' },
      { extends: '@tsconfig/node22/tsconfig.json' },
      "error TS6053: File '@tsconfig/nod22/tsconfig.json' not found.",
    ],
    [
      { extends: '@tsconfig/node22/tsconfg.json' },
      { extends: '@tsconfig/node22/tsconfig.json' },
      "error TS6053: File '@tsconfig/node22/tsconfg.json' not found.",
    ],
    [
      { compilerOptions: { rootDir: './scr' } },
      { compilerOptions: { rootDir: './src' } },
      "error TS6059: File '/project/src/index.ts' is not under 'rootDir' '/project/scr'.",
    ],
    [
      { compilerOptions: { rootDir: 'src/deep' } },
      { compilerOptions: { rootDir: 'src' } },
      "error TS6059: File '/project/src/index.ts' is not under 'rootDir' '/project/src/deep'. 'rootDir' is expected to contain all source files.",
    ],
    [
      { compilerOptions: { types: ['nod'] } },
      { compilerOptions: { types: ['node'] } },
      "error TS2688: Cannot find type definition file for 'nod'.",
    ],
    [
      { compilerOptions: { paths: { '@/*': ['./scr/*'] } } },
      { compilerOptions: { paths: { '@/*': ['./src/*'] } } },
      "test/a.ts(1,1): error TS2307: Cannot find module '@/index' or its corresponding type declarations.",
    ],
    [
      { compilerOptions: { paths: { '@ap/*': ['./src/*'] } } },
      { compilerOptions: { paths: { '@app/*': ['./src/*'] } } },
      "test/a.ts(1,1): error TS2307: Cannot find module '@app/index' or its corresponding type declarations.",
    ],
    [
      { compilerOptions: { paths: { '@/*': ['src/*'] } } },
      { compilerOptions: { paths: { '@/*': ['./src/*'] } } },
      "tsconfig.json(1,1): error TS5090: Non-relative paths are not allowed when 'baseUrl' is not set. Did you forget a leading './'?",
    ],
  ])('mends %j', async (before, after, output) => {
    const text = (content: object): string => `// settings\n${JSON.stringify(content)}\n`
    expect(await best({ ...files, 'src/deep/x.ts': '', 'tsconfig.json': text(before) }, output)).toEqual({
      'tsconfig.json': text(after),
    })
  })

  it('leaves settings that lead where they should', async () => {
    const good = {
      extends: './tsconfig.base',
      include: ['src', '**/*.ts'],
      files: ['src/index.ts'],
      compilerOptions: { rootDir: '.', types: ['node'], typeRoots: ['node_modules/@types'], paths: { '@/*': ['./src/*'] } },
    }
    expect((await ask({ ...files, 'tsconfig.json': JSON.stringify(good) }, noInputs)).proposals).toEqual([])
  })
})

describe('configurationRepairer on settings of tools', () => {
  const files = {
    ...source,
    'package.json': manifest({ devDependencies: { 'eslint-config-unjs': '1', '@babel/preset-env': '1' } }),
    'node_modules/eslint-config-unjs/package.json': '{}',
    'node_modules/@babel/preset-env/package.json': '{}',
    'node_modules/eslint/lib/rules/no-unused-vars.js': '',
  }

  it.each([
    [
      'vitest.config.ts',
      "export default { test: { setupFiles: ['./test/support/setpu.ts'] } }",
      'setpu',
      'setup',
      "Error: Cannot find module '/project/test/support/setpu.ts'",
    ],
    [
      '.mocharc.yml',
      'require:\n  - ./test/support/setpu.ts\n',
      'setpu',
      'setup',
      "Error: Cannot find module '/project/test/support/setpu.ts'",
    ],
    [
      'jest.config.js',
      "module.exports = { setupFiles: ['<rootDir>/tests/support/setup'] }",
      '/tests/',
      '/test/',
      '● Validation Error:\n\n  Module <rootDir>/tests/support/setup in the setupFiles option was not found.',
    ],
    [
      '.eslintrc.json',
      '{ "extends": ["unj"] }',
      'unj',
      'unjs',
      'ESLint couldn\'t find the config "unj" to extend from. Please check that the name of the config is correct.',
    ],
    [
      '.babelrc',
      '{ "presets": ["@babel/preset-evn"] }',
      'evn',
      'env',
      "Error: Cannot find module '@babel/preset-evn'\nRequire stack:\n- /project/x.js",
    ],
    [
      'eslint.config.mjs',
      "export default [{ rulez: { 'no-undef': 'error' } }]",
      'rulez',
      'rules',
      'TypeError: Key "rulez": Unexpected key "rulez" found.',
    ],
    [
      'eslint.config.mjs',
      "export default [{ rules: { 'no-unusd-vars': 'error' } }]",
      'unusd',
      'unused',
      'TypeError: Key "rules": Key "no-unusd-vars": Could not find "no-unusd-vars" in plugin "@".',
    ],
    [
      '.prettierrc.json',
      '{ "trailingComma": "als" }',
      'als',
      'all',
      'Error: Invalid configuration for "trailingComma". Expected "all", "es5" or "none", but received "als"',
    ],
  ])('corrects a name in %s', async (path, text, from, to, output) => {
    expect(await best({ ...files, [path]: text }, output)).toEqual({ [path]: text.replace(from, to) })
  })

  it('reads the sections of a manifest that belong to tools, and no others', async () => {
    const broken = manifest({ description: './test/support/setpu.ts', jest: { setupFiles: ['./test/support/setpu.ts'] } })
    const output = "Error: Cannot find module '/project/test/support/setpu.ts'"
    expect(await best({ ...files, 'package.json': broken }, output)).toEqual({
      'package.json': broken.replace(/setpu(?!.*setpu)/s, 'setup'),
    })
  })
})

describe('configurationRepairer on options with packages', () => {
  it('asks what is installed how markup is compiled and decorators are meant', async () => {
    const react = { 'package.json': manifest({ dependencies: { react: '19.0.0', 'reflect-metadata': '1.0.0' } }) }
    expect(
      await option({}, "src/index.ts(1,1): error TS17004: Cannot use JSX unless the '--jsx' flag is provided.", react),
    ).toEqual({ jsx: 'react-jsx' })
  })

  it('gives a package that is a module the kind of module that Node runs', async () => {
    const module = { 'package.json': manifest({ type: 'module' }) }
    expect(
      await option(
        { module: 'commonjs' },
        "src/index.ts(1,1): error TS1343: The 'import.meta' meta-property is only allowed when the '--module' option is 'es2020'.",
        module,
      ),
    ).toEqual({ module: 'nodenext' })
  })

  it('says nothing of settings where there are none, or for another tool', async () => {
    expect((await ask(source, 'error TS5057: Cannot find a tsconfig.json file at the specified directory')).proposals).toEqual([])
    expect(
      (
        await ask(
          { ...source, 'tsconfig.json': tsconfig({ stirct: true }) },
          { category: 'test', code: 'ASSERTION', message: 'no' },
        )
      ).proposals,
    ).toEqual([])
  })
})

describe('configurationRepairer on names of files', () => {
  it('gives a file the name that the tool or the code looks for', async () => {
    const renamed = (from: string, to: string, text: string) => ({ [from]: null, [to]: text })
    expect(
      await best(
        { ...source, 'tsconfg.json': '{}' },
        'error TS5057: Cannot find a tsconfig.json file at the specified directory',
      ),
    ).toEqual(renamed('tsconfg.json', 'tsconfig.json', '{}'))
    expect(await best({ 'vitest.confg.ts': 'export default {}' }, { category: 'dependency', code: 'MODULE_NOT_FOUND' })).toEqual(
      renamed('vitest.confg.ts', 'vitest.config.ts', 'export default {}'),
    )
    const output = "Error: ENOENT: no such file or directory, open '/project/config/shop.json'\n    at Object.openSync"
    expect(await best({ 'config/Shop.json': '{}', 'src/a.js': "read('config/shop.json')" }, output)).toEqual(
      renamed('config/Shop.json', 'config/shop.json', '{}'),
    )
  })

  it('corrects the code where other places name the file that is there', async () => {
    const files = { 'config/shop.json': '{}', 'src/a.js': "read('../config/shp.json')\n", 'README.md': 'Edit config/shop.json.' }
    expect(await best(files, "Error: ENOENT: no such file or directory, open '/project/config/shp.json'")).toEqual({
      'src/a.js': "read('../config/shop.json')\n",
    })
  })

  it('leaves names in their own right', async () => {
    expect(await best({ ...source, 'tsconfig.build.json': '{}', 'vitest.config.e2e.ts': '', 'tsconfig.json': '{}' }, {})).toEqual(
      {},
    )
  })
})
