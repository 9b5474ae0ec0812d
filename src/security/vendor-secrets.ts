import { secretForms } from '../core/secret-forms.js'

/** A secret by the form that its vendor gives it. */
export interface VendorSecret {
  /** A text that every match holds: quick to look for. */
  readonly mark: string
  /** With the `g` flag; its time is linear in the text. */
  readonly form: RegExp
}

const word = '[A-Za-z0-9]'
const key = '[A-Za-z0-9_-]'
const loose = '[A-Za-z0-9_=.-]'
const base64 = '[A-Za-z0-9+/]'
const hex = '[0-9a-fA-F]'
const uuid = `${word}{8}-${word}{4}-${word}{4}-${word}{4}-${word}{12}`

/** Beginnings by which vendors mark their keys, from their public documentation, and what follows at least. */
const prefixes: readonly (readonly [prefixes: string, rest: string])[] = [
  ['gldt- glrt- glcbt- glsoat- glimt- glagent- glft- glffct- glptt- gloas- glrtr-', `${key}{20,100}`],
  ['GR1348941', `${key}{20,40}`],
  ['glc_ glsa_', `(?:${base64}|_){28,400}`],
  ['eyJrIjoi', `${word}{50,400}`],
  ['doo_v1_ dor_v1_', `${hex}{60,64}`],
  ['dp.pt. dp.st. dp.ct. dp.scim. dp.audit.', `[a-zA-Z0-9.]{36,64}`],
  ['CLOJARS_', `${word}{60}`],
  ['cmVmd AKCp', `${word}{59,69}`],
  ['4b1d', `${word}{38}\\b`],
  ['api_org_', '[A-Za-z]{34}\\b'],
  ['HRKU-AA', `${key}{58}`],
  ['ico-', `${word}{32}\\b`],
  ['NRJS-', `${word}{19}`],
  ['NRAK- NRII- NRSP-', `${key}{27,40}`],
  ['ntn_', `${word}{40,60}`],
  ['API-', '[A-Z0-9]{25,32}\\b'],
  ['sha256~', `${key}{40,48}`],
  ['pplx-', `${word}{40,60}`],
  ['access-sandbox- access-development- access-production-', uuid],
  ['pscale_tkn_ pscale_oauth_ pscale_pw_', `${loose}{32,64}`],
  ['rdme_', `${word}{70}`],
  ['rubygems_', `${hex}{48}`],
  ['xkeysib- xsmtpsib-', `${hex}{64}-${word}{16}`],
  ['sm_aat_ sm_pat_ sm_sat_', `${word}{16}`],
  ['shippo_live_ shippo_test_', `${hex}{40}`],
  ['sgp_', `(?:${hex}{16}_)?${hex}{40}\\b`],
  ['EAAA', `${key}{22,60}`],
  ['EAAM EAAC EAAB', `${word}{80,500}`],
  ['FLWPUBK FLWSECK', `(?:_TEST)?-${word}{32}-X`],
  ['fm1r_ fm1a_ fm2_ fo1_', `${base64}{40,1000}`],
  ['fio-u-', `${loose}{60,64}`],
  ['ops_eyJ', `${base64}{100,2000}`],
  ['sntrys_', `[A-Za-z0-9+/=_]{60,400}`],
  ['sntryu_', `${hex}{64}`],
  ['LTAI', `${word}{20}\\b`],
  ['ATATT3', `${loose}{80,400}`],
  ['ATCTT3 ATBB', `${loose}{28,400}`],
  ['xapp-', '\\d-[A-Z0-9]{6,20}-\\d{8,16}-[a-z0-9]{20,80}'],
  ['xoxe.xox', `[bp]-\\d-[A-Z0-9]{140,180}`],
  ['pul-', `${hex}{40}\\b`],
  ['oy2', '[a-z0-9]{43}\\b'],
  ['tfp_', `${loose}{40,80}`],
  ['CCIPAT_', `${word}{20,24}_${hex}{40}`],
  ['CFPAT-', `${key}{40,46}`],
  ['v1.0-', `${hex}{24}-${hex}{146}`],
  ['dckr_pat_ dckr_oat_', `${key}{24,36}`],
  ['dt0c01. dt0s01.', '[A-Z0-9]{24}\\.[A-Z0-9]{64}'],
  ['duffel_test_ duffel_live_', `${loose}{40,46}`],
  ['EZAK EZTK', `${word}{54}`],
  ['figd_', `${key}{36,60}`],
  ['s-s4t2ud- s-s4t2af-', `${hex}{64}`],
  ['nfp_', `${word}{36,60}`],
  ['phc_ phx_', `${word}{40,60}`],
  ['pnu_', `${word}{36}\\b`],
  ['PMAT-', '[A-Z0-9]{26}\\b'],
  ['r8_', `${word}{37}\\b`],
  ['rpa_', `${word}{40,50}`],
  ['rnd_', `${word}{28,40}`],
  ['sbp_', `${hex}{40}\\b`],
  ['sb_secret_', `${key}{20,60}`],
  ['xai-', `${word}{70,90}`],
  ['gsk_', `${word}{48,60}`],
  ['sl.', `${loose}{130,160}`],
  ['tskey-', `[a-z]{3,12}-${key}{10,60}`],
  ['waka_', uuid],
  ['t1.', `[A-Z0-9a-z_-]{6,}={0,2}\\.[A-Z0-9a-z_-]{86}={0,2}`],
  ['AQVN', `${key}{35,38}`],
  ['YCA', '[A-Z0-9]{5,25}[A-Za-z0-9_-]{20,40}'],
  ['PRIVATE-TOKEN-', `${key}{20,40}`],
  ['pat', `${word}{14}\\.[a-f0-9]{64}`],
  ['lin_oauth_ lin_api_', `${word}{32,64}`],
  ['shpua_ shptka_', `${hex}{32}`],
  ['sk.eyJ pk.eyJ', `${word}{40,100}\\.${key}{20,30}`],
  ['bedrock-api-key-', `${base64}{20,400}`],
  ['ABSK', `${base64}{100,300}`],
  ['ddp_ ddapp_', `${word}{32,40}`],
  ['secret_', `${word}{43}\\b`],
  ['sk_prod_ sk_', `(?:live_|test_|prod_)?${word}{28,100}\\b`],
  ['rk_prod_', `${word}{10,100}`],
  ['SK', `${hex}{32}\\b`],
  ['hvs. hvb. hvr.', `${key}{24,300}`],
  ['sq0csp- sq0atp- sq0idp-', `${key}{22,60}`],
  ['AGPA AROA AIPA ANPA ANVA', '[A-Z2-7]{16}\\b'],
  ['A3T', '[A-Z0-9]{17}\\b'],
  ['p8e-', `[a-z0-9]{32}\\b`],
  ['CS_', `${key}{40,60}`],
  ['v2.local.', `${key}{60,300}`],
  ['ey', `JhbGciOi${key}{10,400}\\.${key}{20,2000}`],
]

/** Forms that are more than a beginning. */
const shapes: readonly VendorSecret[] = [
  { mark: 'Q~', form: /(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/g },
  { mark: '.atlasv1.', form: /\b[a-zA-Z0-9]{14}\.atlasv1\.[\w=-]{60,70}/g },
  {
    mark: 'webhook.office.com',
    form: /\bwebhook\.office\.com\/webhookb2\/[\w@-]{60,90}\/IncomingWebhook\/\w{32}\/[\w-]{30,40}/g,
  },
  { mark: 'hooks.slack', form: /\bhooks\.slack\.com\/(?:triggers|services|workflows)\/[A-Za-z0-9+/_-]{40,120}/g },
  { mark: 'hooks.zapier.com', form: /\bhooks\.zapier\.com\/hooks\/catch\/\d{4,12}\/\w{5,12}/g },
  {
    mark: '.acc',
    form: /\b(?:sc|ext|scauth|authress)_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[a-z0-9+/_=-]{30,120}/gi,
  },
  { mark: '|', form: /\b\d{15,16}\|[\w-]{27,40}/g },
  { mark: '%7', form: /\b\d{15,16}%7[cC][\w-]{27,40}/g },
  { mark: ':A', form: /(?<![\w:])\d{5,16}:A[\w-]{34}(?![\w-])/g },
  { mark: '-us', form: /\b[0-9a-f]{32}-us\d{1,2}\b/g },
  { mark: '_mmk', form: /\b\w{6}_\w{29}_mmk\b/g },
  { mark: 'SG.', form: /\bSG\.[\w=.-]{50,70}/g },
  { mark: 'xox', form: /\bxox[a-z]-[A-Za-z0-9-]{8,255}/g },
  { mark: 'Basic ', form: /\bBasic (?=[a-z+/]{0,80}[A-Z0-9])[A-Za-z0-9+/]{14,200}={0,2}(?![\w+/=])/g },
  { mark: 'Bearer ', form: /\bBearer (?=[\w.~+/-]{0,80}\d)[\w.~+/-]{24,2000}={0,2}(?![\w+/=])/g },
  { mark: 'ClearTextPassword', form: /\bkey="ClearTextPassword"\s{1,20}value="[^"\s]{6,100}"/g },
  // Tokens of Vault before its version 1.10.
  { mark: 's.', form: /(?<![\w.-])s\.(?=[A-Za-z]{0,30}\d)[a-z0-9]{24}(?![\w.-])/gi },
  { mark: 'ZXlK', form: /\bZXlK[A-Za-z0-9+/_=-]{60,2000}/g },
]

/** Every form, the general ones of `core` included. */
export const vendorSecrets: readonly VendorSecret[] = [
  ...secretForms.map(({ mark, exact }) => ({ mark, form: exact })),
  ...prefixes.flatMap(([marks, rest]) =>
    marks
      .split(' ')
      .map((mark) => ({ mark, form: new RegExp(String.raw`(?<![\w.-])${mark.replaceAll('.', String.raw`\.`)}${rest}`, 'g') })),
  ),
  ...shapes,
]

/** The forms whose mark the text holds. One pass over the text instead of one for each of some two hundred marks. */
export function likelyVendorSecrets(text: string): readonly VendorSecret[] {
  const found = new Set<string>()
  anyMark.lastIndex = 0
  for (let match = anyMark.exec(text); match !== null; match = anyMark.exec(text)) {
    found.add(match[1] ?? '')
    anyMark.lastIndex = match.index + 1 // The match is empty: a look ahead, so that marks may overlap.
  }
  return vendorSecrets.filter(({ mark }) => (beginningWith.get(mark) ?? [mark]).some((longer) => found.has(longer)))
}

const marks = [...new Set(vendorSecrets.map(({ mark }) => mark))].toSorted()
/** The longest mark at a place hides those that it begins with. */
const anyMark = new RegExp(
  `(?=(${marks
    .toReversed()
    .map((mark) => mark.replace(/[.|*+?^${}()[\]\\]/g, String.raw`\$&`))
    .join('|')}))`,
  'g',
)
const beginningWith = new Map(marks.map((mark) => [mark, marks.filter((longer) => longer.startsWith(mark))]))
