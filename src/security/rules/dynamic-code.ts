import { eachFile, addedPatterns, isCode, sightingsOf, type Rule } from '../rule.js'
import { newFacts, newCapability, matchesIn } from '../uses.js'

export const dynamicCodeRules: readonly Rule[] = [
  {
    id: 'CODE-EVAL',
    cwe: 95,
    tier: 'high',
    stage: 'static',
    capability: 'dynamic-code',
    title: 'The patch runs text as code',
    rationale:
      'Whoever can influence the text runs what they like with all rights of the process. Names put together from pieces hide it from a search, so the syntax tree is asked.',
    example: { path: 'src/calc.js', before: 'a()\n', after: "a()\nglobalThis['ev' + 'al'](input)\n" },
    nearMiss: {
      path: 'src/calc.js',
      before: 'a()\n',
      after: "a() // never use eval(x)\nretrieval(query)\nconst hint = 'eval(x) is bad'\n",
    },
    inspect: eachFile((file) => {
      if (!isCode(file)) return []
      return sightingsOf(
        file,
        newFacts(file, 'code-from-text', [
          {
            in: 'code',
            regex: /(?<![\w$.])eval\s*\)?\s*\(|\(\s*0\s*,\s*eval\s*\)|\bnew\s+(?:Async)?Function\s*\(|(?<![\w$.])Function\s*\(/g,
          },
          {
            in: 'plain',
            regex:
              /\b(?:globalThis|window|global|self)\s*\[\s*['"]|\.constructor\s*\.\s*constructor\s*\(|\bset(?:Timeout|Interval)\s*\(\s*['"`]/g,
          },
          { in: 'code', regex: /\b(?:exec|compile)\s*\(\s*(?:compile|input|base64)\b|\binstance_eval\b/g },
        ]),
      )
    }),
  },
  {
    id: 'CODE-VM-MODULE',
    cwe: 94,
    tier: 'high',
    stage: 'static',
    capability: 'dynamic-code',
    title: 'The patch reaches the inner machinery of Node that loads and runs code',
    rationale:
      '`vm`, module hooks, process bindings, native loading and the inspector get around every other check, and ordinary code has no use for them.',
    example: { path: 'src/run.js', before: 'a()\n', after: "a()\nprocess.binding('spawn_sync')\n" },
    nearMiss: { path: 'src/run.js', before: 'a()\n', after: "a()\nbinding('spawn_sync') // process.binding is gone\n" },
    inspect: addedPatterns(
      [
        {
          in: 'code',
          regex:
            /\bprocess\s*\.\s*(?:binding|_linkedBinding|dlopen|getBuiltinModule|_kill|_debugProcess)\b|\bModule\s*\.\s*(?:_load|_compile|_resolveFilename|_extensions|registerHooks|register)\b|\brequire\s*\.\s*extensions\b|\bmodule\s*\.\s*(?:register|registerHooks)\s*\(|\bWebAssembly\s*\.\s*(?:instantiate|compile|Module)\b|\bvm\s*\.\s*(?:runIn\w+|compileFunction|Script|SourceTextModule)\b|\bnew\s+(?:VM|NodeVM|VMScript)\s*\(/g,
        },
        {
          in: 'plain',
          regex: /(?:from|import|require\s*\(|import\s*\()\s*['"](?:node:)?(?:vm|vm2|inspector|v8|repl|inspector\/promises)['"]/g,
        },
        { in: 'plain', regex: /\bnew\s+Worker\s*\([^;\n]{0,300}\beval\s*:\s*true/g },
      ],
      (file) => isCode(file) && !file.test,
    ),
  },
  {
    id: 'CODE-DYN-IMPORT',
    cwe: 829,
    tier: 'medium',
    stage: 'static',
    title: 'The patch loads a module whose name is computed',
    rationale: 'What is loaded can no longer be seen in the source.',
    example: { path: 'src/plugins.js', before: 'a()\n', after: 'a()\nawait import(name)\n' },
    nearMiss: { path: 'src/plugins.js', before: 'a()\n', after: "a()\nawait import('./plugin.js')\n" },
    inspect: eachFile((file) =>
      file.test || !isCode(file)
        ? []
        : sightingsOf(
            file,
            newFacts(file, 'computed-import', [{ in: 'plain', regex: /(?<![\w$.])(?:import|require)\s*\(\s*(?![\s'"`)])/g }]),
          ),
    ),
  },
  {
    id: 'CODE-REMOTE-IMPORT',
    cwe: 829,
    tier: 'high',
    stage: 'static',
    capability: 'dynamic-code',
    title: 'The patch loads code from the network or from a data address',
    rationale: 'Whoever serves the address decides what runs, and can decide differently tomorrow.',
    example: { path: 'src/load.js', before: 'a()\n', after: "a()\nawait import('https://cdn.example.net/x.mjs')\n" },
    nearMiss: { path: 'src/load.js', before: 'a()\n', after: "a()\nconst home = 'https://cdn.example.net/x.mjs'\n" },
    inspect: eachFile((file) =>
      isCode(file)
        ? sightingsOf(
            file,
            newCapability(file, (side) =>
              matchesIn(side, [
                {
                  in: 'plain',
                  regex: /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\(|\bimportScripts\s*\()\s*['"`](?:https?:|data:|blob:)/g,
                },
              ]),
            ),
          )
        : [],
    ),
  },
]
