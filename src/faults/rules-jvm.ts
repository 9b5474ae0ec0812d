import { lineAt } from './output.js'
import { type Draft, locationOf, type Rule, type Sighting } from './rule.js'

/** Maven and Gradle, where neither the compiler nor a test says what is wrong. */
export const jvmRules: readonly Rule[] = [
  {
    hints: ['Non-parseable', 'Could not compile', 'Could not open settings', 'Malformed POM', 'Non-readable POM'],
    pattern:
      /Non-(?:parse|read)able (?:POM|settings|build descriptor) (?<file>[^\s:]{1,400}).{0,500}?(?:@ line (?<line>\d{1,7}), column (?<column>\d{1,7}))?$|Malformed POM (?<file2>[^\s:]{1,400})|Could not compile (?:build|settings|initialization|script|remote) (?:file )?'(?<file3>[^']{1,400})'/,
    category: 'syntax',
    code: 'BUILD_SCRIPT_SYNTAX',
    refine: (draft, sighting) => {
      const { file, file2, file3, line, column } = sighting.groups
      return { ...draft, location: locationOf(file ?? file2 ?? file3, line ?? scriptLine(sighting), column), details: {} }
    },
  },
  {
    hints: ['Build file ', 'Settings file ', 'e: file:', 'Script compilation error'],
    pattern: /^(?:Build|Settings) file '(?<file>[^']{1,400})' line: (?<line>\d{1,7})$/,
    category: 'build',
    code: 'BUILD_FAILED',
    tool: 'gradle',
    refine: buildFile,
  },
  {
    hints: [
      'Plugin [id:',
      'esolvable parent POM',
      'Unresolveable build extension',
      'could not be resolved',
      'Non-resolvable',
      'Plugin with id',
      'Failure to find',
      'Failed to collect dependencies',
    ],
    pattern:
      /Plugin \[id: '(?<package>[^']{1,200})'.{0,120}\] was not found|Plugin with id '(?<package2>[^']{1,200})' not found|Non-resolvable (?:parent|import) POM.{0,300}|Unresolveable build extension.{0,200}|Plugin (?<package3>[\w.-]{1,100}:[\w.-]{1,100}:\S{1,60}) or one of its dependencies could not be resolved|Failure to find (?<package4>[\w.-]{1,100}:[\w.-]{1,100}:\S{1,80}) in|Failed to collect dependencies at (?<package5>\S{1,200})/,
    category: 'dependency',
    code: 'PACKAGE_NOT_FOUND',
    refine: (draft, { groups, line }) =>
      /timed out|refused|UnknownHost|Temporary failure|\b50\d\b/.test(line)
        ? undefined
        : {
            ...draft,
            details: {
              package: groups['package'] ?? groups['package2'] ?? groups['package3'] ?? groups['package4'] ?? groups['package5'],
            },
          },
  },
  {
    hints: [
      'java version',
      'Java version',
      'JAVA_HOME',
      'invalid target release',
      'invalid source release',
      'release version',
      'not found in root project',
      'not found in project',
      'No goals have been specified',
      'Unknown lifecycle phase',
      'requires a project to execute',
      'SDK location not found',
      'oolchain',
      'No compiler is provided',
      'ncompatible because this component declares',
      'nsupported class file major version',
      'Unrecognized VM option',
      'equires Gradle version',
      'Minimum supported Gradle version',
      'requested profile',
      'does not contain a Gradle build',
      'Unable to access jarfile',
      'no main manifest attribute',
      'equires JVM',
      'equires Java',
      'Could not find or load main class org.gradle.wrapper',
    ],
    pattern:
      /Could not determine java version|(?:Java|JVM) version .{0,100}(?:incompatible|unsupported|not supported|required)|JAVA_HOME (?:is (?:not set|set to an invalid)|environment variable is not).{0,100}|invalid (?:target|source) release: \S{1,20}|error: release version \S{1,10} not supported|(?:Task|Project)(?: with (?:name|path))? '(?<name>[^']{1,200})' not found in (?:root )?project|No goals have been specified|Unknown lifecycle phase "(?<name2>[^"]{1,100})"|requires a project to execute|SDK location not found|No (?:matching )?toolchains? (?:found|configured)|Cannot find a Java installation|No compiler is provided in this environment|Unsupported class file major version|Unrecognized VM option|(?:[Rr]equires|supported) Gradle version|requested profile .{1,100} could not be activated|does not contain a Gradle build|Unable to access jarfile|no main manifest attribute|[Rr]equires (?:at least )?(?:JVM|Java) (?:runtime )?(?:version )?\d/,
    category: 'configuration',
    code: 'CONFIG_INVALID',
    refine: (draft, { groups, line }) => ({
      ...draft,
      code: /not found in|lifecycle/.test(line)
        ? 'TASK_MISSING'
        : /version|release|oolchain|JVM|Java /.test(line)
          ? 'ENGINE_MISMATCH'
          : draft.code,
      details: { name: groups['name'] ?? groups['name2'] },
    }),
  },
  {
    hints: ['Checkstyle', 'spotless', 'ktlint', 'PMD ', 'detekt', 'Lint found errors', 'code formatting violations'],
    pattern:
      /Checkstyle (?:rule )?violations|You have \d{1,6} Checkstyle violations?|format violations|ktlint found format|Lint error.{0,40}found|PMD (?:rule )?violations|You have \d{1,6} PMD violations?|Analysis failed with \d{1,6} weighted issues|Lint found errors in the project|code formatting violations/,
    category: 'build',
    code: 'LINT',
    severity: 'low',
    rank: 'lint',
  },
]

function scriptLine({ output, index }: Sighting): string | undefined {
  for (let at = index - 4; at <= index + 4; at += 1) {
    const found = / line: (\d{1,7})$|': (\d{1,7}): /.exec(lineAt(output, at))
    if (found !== null) return found[1] ?? found[2]
  }
  return undefined
}

/** Gradle names the place first, and what went wrong there below; where a better rule knows that, this one keeps still. */
function buildFile(draft: Draft, { output, index }: Sighting): Draft | undefined {
  const below = output.lines.slice(index + 1, index + 6)
  const words = below.find((line) => line !== '' && !line.startsWith('* ')) ?? ''
  if (/^Could not compile|^Plugin|[Cc]ould not resolve|[Cc]ould not find/.test(words)) return undefined
  return { ...draft, message: words === '' ? draft.message : words, details: {} }
}
