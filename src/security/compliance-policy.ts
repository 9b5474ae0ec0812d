import * as z from 'zod'
import { HomeostatError } from '../core/errors.js'
import { suppressionSchema, suppressionsMax } from './suppressions.js'

export const capabilities = ['process', 'network', 'dynamic-code', 'environment', 'file-system'] as const
/** A thing that code can do beyond computing. */
export type Capability = (typeof capabilities)[number]

const globs = z.array(z.string().min(1).max(500)).max(1_000).readonly()

const schema = z.strictObject({
  /** Globs (`**`, `*`) of files that only a person changes. */
  protectedPaths: globs,
  /** Words that make an added line of code worth a person's look, wherever identifiers are put together of them. */
  riskyKeywords: z
    .array(z.string().regex(/^[a-z0-9]+(?:_[a-z0-9]+)*$/i))
    .max(1_000)
    .readonly(),
  /** Added plus removed lines of the whole patch, 1..1 000 000. */
  linesChangedMax: z.int().min(1).max(1_000_000),
  /** 1..10 000. */
  filesChangedMax: z.int().min(1).max(10_000),
  /** Capabilities that no patch may add. */
  forbiddenCapabilities: z.array(z.enum(capabilities)).readonly(),
  /** What a package newly named in a manifest asks for; its name, source and scripts are judged either way. */
  addedPackages: z.enum(['allow', 'review']),
  /** Findings that are known and borne for a while. */
  suppressions: z.array(suppressionSchema).max(suppressionsMax).readonly(),
})

/** What a person decides about patches, as data. */
export type CompliancePolicy = z.infer<typeof schema>

/** The policy when nobody decided otherwise. */
export const defaultCompliancePolicy: CompliancePolicy = Object.freeze({
  protectedPaths: Object.freeze([
    ...[
      '.github/**',
      '.gitlab/**',
      '.gitlab-ci.yml',
      '.circleci/**',
      '.buildkite/**',
      'azure-pipelines.yml',
      'jenkinsfile',
      '.travis.yml',
      'bitbucket-pipelines.yml',
      'appveyor.yml',
      '.ci/**',
    ],
    ...[
      '.husky/**',
      '.githooks/**',
      '.gitmodules',
      '.gitattributes',
      '.pre-commit-config.yaml',
      'lefthook.yml',
      '.lintstagedrc*',
    ],
    ...[
      '.vscode/**',
      '.idea/**',
      '.devcontainer/**',
      '.claude/**',
      '.cursor/**',
      '.codex/**',
      '.mcp.json',
      '.cursorrules',
      'agents.md',
      'claude.md',
      'gemini.md',
      'codeowners',
    ],
    ...['.npmrc', '.yarnrc', '.yarnrc.yml', '.pnpmfile.cjs', '.yarn/**', 'bunfig.toml', '.env', '.env.*', '.envrc', '.netrc'],
    ...[
      'dockerfile',
      'dockerfile.*',
      '*.dockerfile',
      'docker-compose*.yml',
      'makefile',
      'binding.gyp',
      '**/node_modules/**',
      'homeostat.config.*',
    ],
    ...['.bashrc', '.bash_profile', '.zshrc', '.profile', '.gitconfig', '.ssh/**'],
  ]),
  riskyKeywords: Object.freeze([
    'database_schema_change',
    'authentication_bypass',
    'production_data_modification',
    'critical_security_vulnerability',
  ]),
  linesChangedMax: 2_000,
  filesChangedMax: 100,
  forbiddenCapabilities: Object.freeze([]),
  addedPackages: 'review',
  suppressions: Object.freeze([]),
})

/**
 * A whole policy from the parts that were decided.
 *
 * @throws HS_POLICY_INVALID when a field is unknown or out of range.
 */
export function parseCompliancePolicy(parts: Partial<CompliancePolicy> = {}): CompliancePolicy {
  const result = schema.safeParse({ ...defaultCompliancePolicy, ...parts })
  if (!result.success)
    throw new HomeostatError(
      'HS_POLICY_INVALID',
      { source: 'the compliance policy', problems: z.prettifyError(result.error) },
      { cause: result.error },
    )
  return Object.freeze(result.data)
}
