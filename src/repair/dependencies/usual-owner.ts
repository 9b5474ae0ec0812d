/** Programs that scripts of projects run, before the package they come with. */
export const usualOwner: ReadonlyMap<string, string> = new Map(
  `tsc typescript, tsserver typescript, jest jest, vitest vitest, vite vite, mocha mocha, _mocha mocha, ava ava, tap tap, c8 c8, nyc nyc, jasmine jasmine, karma karma,
  uvu uvu, tape tape, lab @hapi/lab, borp borp, jest-cli jest-cli, tap-spec tap-spec, wtr @web/test-runner,
  eslint eslint, oxlint oxlint, prettier prettier, biome @biomejs/biome, stylelint stylelint, tslint tslint, standard standard, xo xo, knip knip,
  webpack webpack-cli, webpack-cli webpack-cli, rollup rollup, esbuild esbuild, parcel parcel, tsup tsup, tsdown tsdown, unbuild unbuild, swc @swc/cli, babel @babel/cli, microbundle microbundle,
  ts-node ts-node, tsx tsx, nodemon nodemon, concurrently concurrently, cross-env cross-env, rimraf rimraf, shx shx, npm-run-all npm-run-all, run-s npm-run-all, run-p npm-run-all, wait-on wait-on,
  dotenv dotenv-cli, husky husky, lint-staged lint-staged, commitlint @commitlint/cli, changeset @changesets/cli, semantic-release semantic-release, release-it release-it, patch-package patch-package,
  next next, nuxt nuxt, astro astro, svelte-kit @sveltejs/kit, svelte-check svelte-check, ng @angular/cli, vue-cli-service @vue/cli-service, vue-tsc vue-tsc, react-scripts react-scripts, gatsby gatsby, nest @nestjs/cli, expo expo,
  turbo turbo, nx nx, lerna lerna, gulp gulp-cli, grunt grunt-cli, typedoc typedoc, tsd tsd, playwright @playwright/test, cypress cypress, storybook storybook, prisma prisma, knex knex, sequelize sequelize-cli, drizzle-kit drizzle-kit,
  pm2 pm2, serve serve, http-server http-server, json-server json-server, tailwindcss tailwindcss, postcss postcss-cli, sass sass, lessc less, publint publint, size-limit size-limit, tsc-alias tsc-alias`
    .split(',')
    .map((pair): [string, string] => {
      const [program = '', name = ''] = pair.trim().split(' ')
      return [program, name]
    }),
)
