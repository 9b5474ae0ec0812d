/** Scopes in which only a well-known owner can publish. */
export const popularScopes: ReadonlySet<string> = new Set(
  words(`
    @angular @ant-design @apollo @astrojs @auth @aws-cdk @aws-sdk @azure @babel @biomejs @changesets @chakra-ui @clack @cloudflare
    @commitlint @datadog @discordjs @docusaurus @elastic @electron @emotion @eslint @eslint-community @expo @fastify @faker-js
    @firebase @floating-ui @fontsource @google-cloud @googleapis @graphql-tools @grpc @hapi @headlessui @hono @hookform
    @inquirer @ioredis @isaacs @jest @jridgewell @langchain @lexical @mantine @mapbox @mdx-js @microsoft @mongodb-js @mui
    @nestjs @next @nodelib @npmcli @nuxt @nx @octokit @openai @opentelemetry @parcel @playwright @pnpm @popperjs @prisma
    @radix-ui @react-native @react-navigation @reduxjs @remix-run @rollup @rushstack @sentry @sindresorhus @sinonjs @smithy
    @storybook @stripe @supabase @svgr @swc @tailwindcss @tanstack @testing-library @tiptap @trpc @tsconfig @turbo @types
    @typescript @typescript-eslint @vercel @vitejs @vitest @vue @webassemblyjs @yarnpkg`),
)

/**
 * Names that people mean when they write nearly the same: several hundred of the packages most depended on, and some that
 * are well known and lie close to one of those. Written from general knowledge in 2026; a name that is missing here is
 * only one that no imitation is recognised of.
 */
export const popularPackages: ReadonlySet<string> = new Set([
  ...words(`
    abbrev abort-controller accepts acorn acorn-jsx acorn-walk adm-zip agent-base aggregate-error ajv ajv-formats ajv-keywords
    algoliasearch amqplib anser ansi-align ansi-colors ansi-escapes ansi-regex ansi-styles ansis antd any-promise anymatch apollo-server
    archiver archy are-we-there-yet arg argon2 argparse aria-query array-flatten array-includes array-union asap asn1 assert-plus
    ast-types astring astro async async-mutex async-retry asynckit at-least-node auth0 autoprefixer ava avvio aws-cdk-lib aws-sdk
    aws4 axios axios-retry axobject-query`),
  ...words(`
    babel-cli babel-core babel-eslint babel-jest babel-loader babel-plugin-istanbul babel-plugin-macros babel-preset-env
    babel-preset-jest backbone balanced-match bare-fs base64-js basic-auth bcrypt bcryptjs bcrypt-pbkdf before-after-hook
    benchmark better-auth better-sqlite3 big-integer big.js bignumber.js binary-extensions bindings bl blob-util bluebird bn.js body-parser
    boolbase boom bootstrap bootstrap-vue bowser boxen brace-expansion braces brotli browserify browserslist bs-logger
    bser buffer-crc32 buffer-equal buffer-from buffer-xor builtin-modules bull bullmq bunyan busboy bytes`),
  ...words(`
    c8 cac cacache cache-manager cacheable-lookup cacheable-request call-bind call-bind-apply-helpers callsites camel-case camelcase
    camelcase-keys caniuse-lite canvas case-sensitive-paths-webpack-plugin caseless casbin ccount chai chai-as-promised chai-http chain chalk
    change-case char-regex character-entities chardet charenc chart.js cheerio chokidar chownr chromatic chrome-launcher ci-info
    cjs-module-lexer clamp class-transformer class-validator class-variance-authority classnames clean-css clean-stack cli-boxes
    cli-cursor cli-highlight cli-progress cli-spinners cli-table cli-table3 cli-truncate cli-width cliui clone clone-deep clsx cmdk cmd-shim
    co code-point-at codemirror collect-v8-coverage color color-convert color-name color-string colord colorette colors
    columnify combined-stream comma-separated-tokens commander comment-parser commitizen commondir compare-func
    component-emitter compress-commons compressible compression concat-map concat-stream concurrently conf config
    confusing-browser-globals connect connect-history-api-fallback connect-redis consola console-control-strings consolidate constants-browserify
    content-disposition content-type conventional-changelog convert-source-map convict cookie cookie-parser cookie-session
    cookie-signature copy-anything copy-webpack-plugin core-js core-js-compat core-js-pure core-util-is cors cosmiconfig crc crc-32
    create-react-app create-react-class create-require cron cron-parser cross-env cross-fetch cross-spawn crypto-browserify crypto-js
    crypto-random-string css css-loader css-minimizer-webpack-plugin css-select css-tree css-what cssesc cssnano cssom cssstyle csstype
    csurf csv csv-parse csv-parser csv-stringify currency.js cypress`),
  ...words(`
    d3 d3-array d3-color d3-format d3-interpolate d3-scale d3-selection d3-shape d3-time dashdash data-urls date-fns date-fns-tz
    dateformat dayjs debounce debug decamelize decimal.js decode-uri-component decompress dedent deep-eql deep-equal deep-extend deep-is
    deepmerge default-gateway defaults defer-to-connect define-properties define-property defu degenerator del del-cli delay
    delayed-stream delegates denque depd dequal des.js destr destroy detect-indent detect-libc detect-newline detect-node
    devtools-protocol dexie didyoumean diff diff-sequences dir-glob discord-api-types discord.js dlv dns-packet docblock doctrine dom-helpers
    dom-serializer domelementtype domhandler dompurify domutils dot-case dot-prop dotenv dotenv-cli dotenv-expand dotenv-safe
    dottie downshift drizzle-kit drizzle-orm dset duplexer duplexer3 duplexify`),
  ...words(`
    easy-table ecc-jsbn echarts editorconfig ee-first ejs electron electron-builder electron-store electron-to-chromium electron-updater
    elliptic embla-carousel ember-cli emittery emoji-regex emojis-list emotion enabled encodeurl encoding end-of-stream
    engine.io engine.io-client engine.io-parser enhanced-resolve enquirer entities env-ci env-paths envinfo enzyme err-code errno error-ex
    es-abstract es-define-property es-errors es-module-lexer es-set-tostringtag es-to-primitive es5-ext es6-promise es6-symbol esbuild esbuild-loader
    esbuild-register escalade escape-html escape-string-regexp escodegen eslint eslint-config-airbnb eslint-config-airbnb-base
    eslint-config-next eslint-config-prettier eslint-config-standard eslint-import-resolver-node eslint-import-resolver-typescript eslint-module-utils
    eslint-plugin-import eslint-plugin-jest eslint-plugin-jsx-a11y eslint-plugin-n eslint-plugin-node eslint-plugin-prettier
    eslint-plugin-promise eslint-plugin-react eslint-plugin-react-hooks eslint-plugin-unicorn eslint-plugin-vue eslint-scope
    eslint-utils eslint-visitor-keys esm espree esprima esquery esrecurse estraverse estree-walker esutils etag event-stream
    event-target-shim eventemitter2 eventemitter3 eventsource exceljs execa exit expand-template expect expect-type expo
    express express-async-errors express-fileupload express-handlebars express-jwt express-rate-limit express-session express-validator
    ext extend extend-shallow external-editor extsprintf`),
  ...words(`
    factory-girl faker fast-check fast-deep-equal fast-diff fast-equals fast-glob fast-json-stable-stringify fast-json-stringify
    fast-levenshtein fast-memoize fast-redact fast-safe-stringify fast-uri fast-xml-parser fastest-levenshtein fastify fastify-plugin fastq
    faye-websocket fb-watchman fbjs fd-slicer fdir feed fetch-blob fetch-mock fflate figgy-pudding figlet figures file-entry-cache
    file-loader file-saver file-type filelist filesize fill-range finalhandler find-cache-dir find-root find-up firebase
    firebase-admin firebase-tools flat flat-cache flatted flow-parser follow-redirects for-each for-in forever
    forever-agent fork-ts-checker-webpack-plugin form-data form-data-encoder formdata-node formidable formik forwarded fraction.js
    framer-motion fresh from2 fs-constants fs-extra fs-minipass fs.realpath fsevents function-bind functions-have-names fuse.js`),
  ...words(`
    gatsby gauge gaxios generic-pool gensync get-caller-file get-func-name get-intrinsic get-port get-stdin get-stream
    get-symbol-description get-tsconfig get-value getpass git-url-parse github-slugger glob glob-parent globals globalthis globby globrex
    google-auth-library google-protobuf googleapis gopd got graceful-fs grapheme-splitter graphemer graphql graphql-request graphql-tag
    graphql-tools graphql-ws gray-matter growl grunt grunt-cli gsap gulp gulp-cli gulp-sass gulp-util gzip-size`),
  ...words(`
    handlebars happy-dom har-schema har-validator has has-flag has-own-prop has-property-descriptors has-symbols has-tostringtag has-unicode
    hash-base hash-sum hash.js hasown hast-util-to-html he helmet highlight.js history hoist-non-react-statics hono hosted-git-info
    hpack.js html-entities html-escaper html-minifier html-minifier-terser html-to-text html-webpack-plugin htmlparser2 http-assert http-cache-semantics
    http-errors http-proxy http-proxy-agent http-proxy-middleware http-server http-signature http-status-codes http2-wrapper https-proxy-agent
    human-signals humanize-ms husky i18next iconv-lite icss-utils ieee754 ignore ignore-walk image-size immediate immer immutable
    import-fresh import-lazy import-local imurmurhash indent-string inflight inherits ini ink inline-style-parser inquirer internal-slot
    interpret intl-messageformat invariant ioredis ip ip-address ip-regex ipaddr.js is-absolute is-arguments is-array-buffer
    is-arrayish is-bigint is-binary-path is-boolean-object is-buffer is-callable is-ci is-core-module is-date-object is-docker
    is-even is-extendable is-extglob is-finite is-fullwidth-code-point is-generator-fn is-generator-function is-glob
    is-interactive is-lambda is-map is-negative-zero is-network-error is-npm is-number is-number-object is-obj is-odd
    is-path-inside is-plain-obj is-plain-object is-promise is-regex is-set is-shared-array-buffer is-stream is-string is-symbol is-text-path
    is-typed-array is-typedarray is-unicode-supported is-url is-weakref is-what is-windows is-wsl isarray isbot isexe isobject
    isomorphic-fetch isomorphic-unfetch isomorphic-ws isstream istanbul istanbul-lib-coverage istanbul-lib-instrument istanbul-lib-report
    istanbul-reports iterare`),
  ...words(`
    jackspeak jake jasmine jasmine-core java-properties jest jest-circus jest-cli jest-config jest-diff jest-each jest-environment-jsdom
    jest-environment-node jest-extended jest-get-type jest-haste-map jest-junit jest-matcher-utils jest-message-util jest-mock jest-mock-extended
    jest-resolve jest-runner jest-snapshot jest-util jest-validate jest-watcher jest-worker jiti jmespath joi jose joycon jpeg-js jquery
    js-base64 js-cookie js-levenshtein js-sha256 js-sha3 js-string-escape js-tokens js-yaml jsbn jscodeshift jsdoc jsdom
    jsesc json-bigint json-buffer json-parse-better-errors json-parse-even-better-errors json-schema json-schema-to-ts
    json-schema-traverse json-stable-stringify json-stable-stringify-without-jsonify json-stringify-safe json-server json2csv json5
    jsonc-parser jsonfile jsonparse jsonpath jsonpointer jsonschema jsonwebtoken jspdf jsprim jssha jsx-ast-utils jszip junk jwa jwks-rsa
    jws jwt-decode karma karma-chrome-launcher karma-jasmine katex keyv kind-of kleur klona knex knip koa koa-bodyparser koa-compose koa-router
    koa-static konva kysely`),
  ...words(`
    lazystream less less-loader lerna leven levn lib0 lightningcss lilconfig limiter lines-and-columns linkify-it lint-staged listr2 lit
    lit-element lit-html load-json-file loader-runner loader-utils local-pkg locate-path lodash lodash-es lodash.camelcase lodash.clonedeep
    lodash.debounce lodash.get lodash.isequal lodash.memoize lodash.merge lodash.once lodash.set lodash.sortby lodash.template
    lodash.throttle lodash.truncate lodash.uniq log-symbols log-update log4js logform loglevel long longest-streak loose-envify lottie-web loupe
    lower-case lowercase-keys lowdb lru-cache lru-queue lucide-react luxon lz-string macos-release magic-string mailgun.js make-dir make-error
    make-fetch-happen makeerror map-obj map-stream mapbox-gl mariadb markdown-it markdown-table marked matcher math-intrinsics mathjs
    md5 md5.js mdast-util-from-markdown mdn-data mdurl media-typer mem memfs memoize memoize-one memoizee memory-fs memorystream
    meow merge merge-anything merge-descriptors merge-options merge-stream merge2 mermaid method-override methods micromark micromatch mime
    mime-db mime-types mimic-fn mimic-response min-indent mini-css-extract-plugin minimalistic-assert minimatch minimist minimist-options
    minio minipass minizlib mitt mixin-deep mkdirp mkdirp-classic mlly mnemonist mobx mobx-react mobx-react-lite mocha mock-fs mock-socket
    module-alias moment moment-timezone mongodb mongodb-memory-server mongoose monaco-editor morgan motion mqtt mri mrmime ms msgpackr msw
    multer multicast-dns multimatch mustache mute-stream mysql mysql2 mz`),
  ...words(`
    nan nano nanoid nanospinner natural natural-compare nconf negotiator neo-async next next-auth next-intl next-themes nice-try nise no-case nock
    node-abi node-addon-api node-cache node-cron node-dir node-emoji node-fetch node-fetch-native node-forge node-gyp
    node-gyp-build node-html-parser node-int64 node-libs-browser node-mocks-http node-notifier node-pre-gyp node-releases node-sass
    node-schedule node-telegram-bot-api node-uuid nodemailer nodemon nopt normalize-package-data normalize-path normalize-range
    normalize-url normalize.css npm npm-check-updates npm-package-arg npm-packlist npm-registry-fetch npm-run-all npm-run-path npmlog nprogress
    nth-check number-is-nan nunjucks nuxt nwsapi nx nyc oauth oauth-sign oauth4webapi object-assign object-copy object-hash
    object-inspect object-is object-keys object-path object.assign object.entries object.fromentries object.values objection
    obliterator obuf ofetch ohash on-finished on-headers once onetime open openai openapi-types opener opossum optimist optionator
    ora original orval os-browserify os-homedir os-locale os-tmpdir outvariant ow oxlint`),
  ...words(`
    p-all p-cancelable p-defer p-event p-filter p-finally p-limit p-locate p-map p-queue p-reduce p-retry p-timeout p-try pac-proxy-agent
    package-json package-json-from-dist pacote pako papaparse param-case parcel parent-module parse-entities parse-json parse-ms parse-path
    parse5 parseurl pascal-case passport passport-google-oauth20 passport-jwt passport-local passport-strategy patch-package path-browserify
    path-exists path-is-absolute path-key path-parse path-scurry path-to-regexp path-type pathe pathval pbkdf2 pdf-lib pdfkit pdfjs-dist
    pend performance-now pg pg-connection-string pg-hstore pg-pool pg-promise pg-protocol pg-types phin picocolors picomatch pidtree pify
    pinia pinkie-promise pino pino-http pino-pretty pino-std-serializers pirates pixelmatch pixi.js pkg-dir pkg-types pkg-up playwright
    playwright-core plimit-lit pluralize pm2 pngjs pnpm polished portfinder posix-character-classes postcss postcss-cli postcss-import
    postcss-js postcss-load-config postcss-loader postcss-nested postcss-preset-env postcss-scss postcss-selector-parser
    postcss-value-parser posthog-js prebuild-install preact prelude-ls prettier prettier-linter-helpers prettier-plugin-tailwindcss pretty-bytes
    pretty-error pretty-format pretty-ms prettyjson prisma prismjs private process-nextick-args proc-log progress prom-client promise
    promise-inflight promise-retry prompt prompts promzard prop-types proper-lockfile property-information prosemirror-state
    proto-list protobufjs proxy-addr proxy-agent proxy-from-env proxyquire prr pseudomap psl pstree.remy pug pump pumpify pupa puppeteer
    puppeteer-core pure-rand q qrcode qrcode-terminal qs query-string querystring-es3 queue queue-microtask queue-tick quick-format-unescaped
    quick-lru quill`),
  ...words(`
    radix-ui ramda randexp random-bytes randombytes range-parser raw-body rc rc-slider rc-util react react-app-polyfill react-bootstrap react-chartjs-2
    react-datepicker react-day-picker react-dev-utils react-devtools react-dnd react-dom react-dropzone react-error-boundary react-fast-compare
    react-helmet react-hook-form react-hot-toast react-i18next react-icons react-intl react-is react-lifecycles-compat
    react-markdown react-modal react-native react-native-gesture-handler react-native-reanimated react-native-safe-area-context
    react-native-screens react-native-svg react-native-vector-icons react-native-web react-popper react-query react-redux react-refresh
    react-remove-scroll react-resizable react-router react-router-dom react-scripts react-select react-slick react-smooth
    react-spinners react-spring react-syntax-highlighter react-table react-test-renderer react-toastify react-transition-group react-use
    react-virtualized react-window read-cache read-pkg read-pkg-up readable-stream readdir-glob readdirp readline-sync real-require recast
    recharts rechoir recoil recursive-readdir redent redis redis-parser redux redux-devtools-extension redux-form redux-mock-store
    redux-persist redux-saga redux-thunk reflect-metadata regenerate regenerator-runtime regenerator-transform regexp.prototype.flags
    regexpu-core registry-auth-token rehype-raw rehype-stringify relateurl release-it remark remark-gfm remark-parse remark-rehype
    remeda renderkid repeat-string replace-in-file request request-promise request-promise-native require-directory require-from-string
    require-in-the-middle require-main-filename requires-port reselect resend resolve resolve-cwd resolve-from resolve-pkg-maps
    resolve-url-loader response-time responselike restify restore-cursor ret retry retry-as-promised retry-request reusify rfdc rimraf
    ripemd160 rolldown rollup rollup-plugin-dts rollup-plugin-terser rollup-plugin-typescript2 rollup-plugin-visualizer router rrule run-applescript run-async run-parallel
    rusha rxjs`),
  ...words(`
    sade safe-array-concat safe-buffer safe-regex safe-regex-test safe-stable-stringify safer-buffer sanitize-filename sanitize-html sass
    sass-embedded sass-loader sax saxes scheduler schema-utils scroll-into-view-if-needed secure-json-parse seedrandom selenium-webdriver
    semantic-release semver send sentence-case sequelize sequelize-cli serialize-error serialize-javascript seroval serve serve-favicon
    serve-handler serve-index serve-static serverless serverless-http serverless-offline set-blocking set-function-length set-value
    setimmediate setprototypeof sha.js shallow-clone shallowequal sharp shebang-command shebang-regex shell-quote shelljs shiki shx
    side-channel siginfo signal-exit signale simple-concat simple-get simple-git simple-swizzle sinon sinon-chai sirv sisteransi sitemap
    slash slate slice-ansi slugify smart-buffer smol-toml snake-case snapdragon socket.io socket.io-adapter socket.io-client
    socket.io-parser sockjs sockjs-client socks socks-proxy-agent solid-js sonic-boom sonner sort-keys source-list-map source-map
    source-map-explorer source-map-js source-map-loader source-map-resolve source-map-support space-separated-tokens spawn-command
    spdx-expression-parse spdy split split2 sprintf-js sql-formatter sql.js sqlite sqlite3 sqlstring ssh2 sshpk ssim.js ssri stack-trace
    stack-utils stackback standard standard-version start-server-and-test statuses std-env stdin-discarder stealthy-require storybook
    stream-browserify stream-buffers stream-chain stream-http stream-json stream-shift streamsearch strict-uri-encode string-argv
    string-length string-width string.prototype.matchall string.prototype.trim string_decoder stringify-object strip-ansi strip-bom
    strip-eof strip-final-newline strip-indent strip-json-comments stripe strnum strtok3 style-loader style-to-object styled-components
    styled-jsx stylehacks stylelint stylelint-config-standard stylis stylus sucrase superagent superjson superstruct supertest
    supports-color supports-hyperlinks supports-preserve-symlinks-flag svelte svelte-check svelte-preprocess svg-parser svgo swagger-jsdoc
    swagger-ui-express swiper swr symbol-observable symbol-tree synckit systeminformation`),
  ...words(`
    table tailwind-merge tailwindcss tailwindcss-animate tap tapable tape tar tar-fs tar-stream tarn tedious telegraf temp temp-dir tempy
    terminal-link terser terser-webpack-plugin tesseract.js test-exclude text-extensions text-hex text-table thenify thenify-all thread-stream
    three throat throttle-debounce throttleit through through2 thunky tiktoken tildify timers-browserify tiny-invariant tiny-warning
    tinybench tinycolor2 tinyexec tinyglobby tinypool tinyrainbow tinyspy tippy.js titleize tldts tmp tmpl to-buffer to-fast-properties
    to-regex-range toidentifier token-types toml toposort touch tough-cookie tr46 tree-kill trim-newlines triple-beam trough truncate-utf8-bytes
    ts-api-utils ts-dedent ts-interface-checker ts-jest ts-loader ts-mixer ts-morph ts-node ts-node-dev ts-pattern ts-prune ts-toolbelt
    tsc-alias tsconfck tsconfig-paths tsconfig-paths-webpack-plugin tsd tsdown tslib tslint tsup tsutils tsx tsyringe tty-browserify tunnel
    tunnel-agent turbo tw-animate-css tweetnacl twilio type-check type-detect type-fest type-is typechain typed-array-buffer
    typedarray typedarray-to-buffer typedi typedoc typeorm typescript typescript-eslint`),
  ...words(`
    ua-parser-js ufo uglify-js uid uid-safe ulid umi umzug unbox-primitive unbuild undefsafe underscore undici undici-types unfetch unicode-match-property-ecmascript
    unified union-value uniq unique-filename unist-util-visit universal-cookie universalify unixify unocss unpipe unplugin
    unplugin-auto-import unplugin-vue-components unstorage untildify unzipper update-browserslist-db update-notifier uri-js
    uri-templates urijs url-join url-loader url-parse url-template use-debounce use-sync-external-store utf-8-validate util-deprecate utils-merge
    uuid uuidv4 uvu v8-compile-cache v8-to-istanbul valibot validate-npm-package-license validate-npm-package-name validator vary
    vaul verror vfile victory vinyl vinyl-fs vite vite-node vite-plugin-dts vite-plugin-pwa vite-plugin-svgr vite-tsconfig-paths
    vitepress vitest vitest-fetch-mock vm2 vscode-languageserver vue vue-cli vue-demi vue-i18n vue-loader vue-router vue-template-compiler
    vue-tsc vuedraggable vuetify vuex w3c-hr-time w3c-xmlserializer wait-on wait-port walk walker warning watchpack wbuf wcwidth web-push
    web-streams-polyfill web-vitals web3 webdriver webdriverio webidl-conversions webpack webpack-bundle-analyzer webpack-cli
    webpack-dev-middleware webpack-dev-server webpack-hot-middleware webpack-merge webpack-node-externals webpack-sources websocket
    websocket-driver whatwg-encoding whatwg-fetch whatwg-mimetype whatwg-url which which-boxed-primitive which-module which-typed-array
    why-is-node-running wide-align widest-line windows-release winston winston-daily-rotate-file winston-transport word-wrap wordwrap
    workbox-webpack-plugin workerpool wouter wrap-ansi wrappy wretch write-file-atomic ws xhr2 xlsx xml xml-js xml-name-validator xml2js xmlbuilder
    xmlchars xmldom xmlhttprequest xpath xregexp xss xstate xtend y18n yallist yaml yaml-loader yargs yargs-parser yarn yauzl yeoman-generator
    yjs yn yocto-queue yoctocolors yup zip-stream zod zod-to-json-schema zone.js zustand zwitch`),
  ...words(`
    @angular/cli @angular/common @angular/core @angular/forms @angular/router @apollo/client @aws-sdk/client-dynamodb @aws-sdk/client-s3
    @azure/identity @babel/cli @babel/code-frame @babel/core @babel/generator @babel/parser @babel/plugin-transform-runtime @babel/preset-env
    @babel/preset-react @babel/preset-typescript @babel/register @babel/runtime @babel/traverse @babel/types @biomejs/biome
    @changesets/cli @commitlint/cli @commitlint/config-conventional @emotion/react @emotion/styled @eslint/js @faker-js/faker
    @fastify/cors @fastify/static @fortawesome/fontawesome-free @google-cloud/storage @grpc/grpc-js @hapi/hapi @hapi/joi @hookform/resolvers
    @iarna/toml @jest/globals @langchain/core @mui/icons-material @mui/material @nestjs/cli @nestjs/common @nestjs/config @nestjs/core
    @nestjs/platform-express @nestjs/testing @nestjs/typeorm @octokit/core @octokit/rest @opentelemetry/api @opentelemetry/sdk-node
    @playwright/test @prisma/client @radix-ui/react-dialog @radix-ui/react-slot @reduxjs/toolkit @rollup/plugin-commonjs
    @rollup/plugin-json @rollup/plugin-node-resolve @rollup/plugin-typescript @sentry/browser @sentry/node @sentry/react
    @storybook/react @stripe/stripe-js @supabase/supabase-js @sveltejs/kit @swc/cli @swc/core @swc/jest @tailwindcss/forms @tailwindcss/typography
    @tanstack/react-query @tanstack/react-table @testing-library/dom @testing-library/jest-dom @testing-library/react
    @testing-library/user-event @trpc/client @trpc/server @tsconfig/node20 @types/express @types/jest @types/lodash @types/node
    @types/react @types/react-dom @types/uuid @types/ws @typescript-eslint/eslint-plugin @typescript-eslint/parser @vercel/analytics
    @vitejs/plugin-react @vitejs/plugin-vue @vitest/coverage-v8 @vitest/ui @vue/cli-service @vue/compiler-sfc @vue/test-utils`),
])

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
