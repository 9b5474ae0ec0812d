/** How the secrets of one vendor look. Both expressions are global, and their time is linear in the text. */
export interface SecretForm {
  /** A text that every match holds; looking for it first is quicker. */
  readonly mark: string
  /** What is such a secret beyond reasonable doubt: for accusing. */
  readonly exact: RegExp
  /** What may be one: for covering, where too much is better than too little. The secret is the first group, or all of the match. */
  readonly wide: RegExp
}

/** Forms by which vendors mark their secrets, from their public documentation. */
export const secretForms: readonly SecretForm[] = [
  // A key in PEM, for covering to its end, or as far as a key can go when the end is missing.
  {
    mark: 'PRIVATE KEY',
    exact: /-----BEGIN (?:[A-Z]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----[\\nr\s'"`+,]{0,60}[A-Za-z0-9+/=]{30}/g,
    wide: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----(?:[\w+/=\s\\:,.-]{0,16384}?-----END [A-Z0-9 ]{0,60}-----|[\w+/=\s\\:,.-]{0,16384})/g,
  },
  ...['AKIA', 'ASIA', 'ABIA', 'ACCA'].map((mark) => alike(mark, String.raw`\b${mark}[A-Z2-7]{16}\b`)),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((mark) => prefixed(mark, String.raw`[A-Za-z0-9]{36,255}\b`)),
  prefixed('github_pat_', String.raw`[A-Za-z0-9_]{60,255}\b`),
  prefixed('glpat-', '[A-Za-z0-9_-]{20,64}'),
  prefixed('npm_', String.raw`[A-Za-z0-9]{36}\b`),
  prefixed('pypi-', '[A-Za-z0-9_-]{50,255}'),
  alike('xox', String.raw`\bxox[abeoprs]-[A-Za-z0-9-]{10,255}`),
  {
    mark: 'hooks.slack.com',
    exact: /https:\/\/hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/_-]{30,120}/g,
    wide: /\bhttps:\/\/hooks\.slack\.com\/([\w/-]{20,200})/g,
  },
  {
    mark: '/api/webhooks/',
    exact: /discord(?:app)?\.com\/api\/webhooks\/\d{10,25}\/[\w-]{30,120}/g,
    wide: /\bdiscord(?:app)?\.com\/api\/webhooks\/([\w/-]{20,200})/g,
  },
  alike('k_live_', String.raw`\b[sr]k_live_[A-Za-z0-9]{16,255}\b`),
  alike('k_test_', String.raw`\b[sr]k_test_[A-Za-z0-9]{16,255}\b`),
  prefixed('whsec_', '[A-Za-z0-9+/=]{24,120}', '[A-Za-z0-9+/=]{20,255}'),
  prefixed('sk-', '[A-Za-z0-9_-]{32,255}'),
  prefixed('AIza', '[A-Za-z0-9_-]{35}', '[A-Za-z0-9_-]{30,40}'),
  prefixed('ya29.', '[A-Za-z0-9_-]{30,255}'),
  prefixed('GOCSPX-', '[A-Za-z0-9_-]{28}'),
  alike('SG.', String.raw`\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}`),
  alike('key-', String.raw`\bkey-[0-9a-f]{32}\b`),
  alike('AC', String.raw`\bAC[0-9a-f]{32}\b`),
  alike('SK', String.raw`\bSK[0-9a-f]{32}\b`),
  prefixed('dop_v1_', String.raw`[0-9a-f]{64}\b`),
  ...['shpat_', 'shpca_', 'shppa_', 'shpss_'].map((mark) => prefixed(mark, String.raw`[0-9a-fA-F]{32}\b`)),
  prefixed('hf_', String.raw`[A-Za-z]{34}\b`),
  prefixed('hvs.', '[A-Za-z0-9_-]{24,255}'),
  prefixed('hvb.', '[A-Za-z0-9_-]{24,255}'),
  prefixed('dapi', String.raw`[0-9a-f]{32}\b`),
  alike('sq0', String.raw`\bsq0(?:atp|csp)-[A-Za-z0-9_-]{22,64}`),
  prefixed('lin_api_', String.raw`[A-Za-z0-9]{40}\b`),
  alike('PMAK-', String.raw`\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b`),
  prefixed('AGE-SECRET-KEY-1', String.raw`[A-Z0-9]{58}\b`),
  alike(':AA', String.raw`\b\d{8,10}:AA[A-Za-z0-9_-]{33}`),
  {
    mark: 'eyJ',
    exact: /\beyJ[A-Za-z0-9_-]{15,2000}\.eyJ[A-Za-z0-9_-]{15,4000}\.[A-Za-z0-9_-]{20,1000}/g,
    wide: /(?<![\w-])eyJ[\w-]{10,2000}\.[\w-]{10,4000}\.[\w-]{10,1000}/g,
  },
  alike('AccountKey=', String.raw`\bAccountKey=[A-Za-z0-9+/]{40,100}={0,2}`),
  alike('SharedAccessKey=', String.raw`\bSharedAccessKey=[A-Za-z0-9+/]{40,100}={0,2}`),
  // A user and a password in an address. For accusing it begins at the colon, so that a long word costs nothing.
  {
    mark: '://',
    exact: /:\/\/[^\s:/@'"`<>{}$]{1,80}:[^\s/@'"`<>{}$]{3,120}@[\w.-]{3,120}/g,
    wide: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@'"`<>]{0,80}:([^\s/@'"`<>]{1,200})@/gi,
  },
]

/** The mark is the beginning; what follows may be anything of a token's length, for covering. */
function prefixed(mark: string, rest: string, restWide = '[A-Za-z0-9_-]{20,}'): SecretForm {
  const start = String.raw`\b${mark.replaceAll('.', String.raw`\.`)}`
  return { mark, exact: new RegExp(start + rest, 'g'), wide: new RegExp(start + restWide, 'g') }
}

/** So peculiar a form that nothing else has it. */
function alike(mark: string, source: string): SecretForm {
  return { mark, exact: new RegExp(source, 'g'), wide: new RegExp(source, 'g') }
}
