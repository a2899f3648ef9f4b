/** The rooms of the house and who may use whom: the table in docs/architecture.md, as a rule. */
const rooms = {
  panda: [],
  datacat: [],
  transformations: ['panda'],
  staging: ['panda'],
  watch: ['panda', 'staging'],
  'pipeline/rmi': [],
  'pipeline/states': ['panda', 'watch'],
  pipeline: ['panda', 'transformations', 'staging', 'watch', 'pipeline/rmi', 'pipeline/states'],
  diagnosis: ['panda', 'staging', 'watch'],
  sandbox: ['panda', 'datacat'],
  editor: [
    'panda',
    'transformations',
    'staging',
    'watch',
    'diagnosis',
    'pipeline',
    'pipeline/states',
    'datacat',
    'sandbox',
  ],
  cli: [
    'panda',
    'transformations',
    'staging',
    'watch',
    'diagnosis',
    'pipeline',
    'pipeline/rmi',
    'pipeline/states',
    'datacat',
    'sandbox',
  ],
};
const names = Object.keys(rooms);

const arrows = names.map((room) => {
  const forbidden = names.filter((other) => other !== room && !rooms[room].includes(other));
  const within = names.filter((other) => other.startsWith(`${room}/`)).map((other) => `^src/${other}/`);
  return {
    name: `${room}-may-not-use`,
    severity: 'error',
    from: { path: `^src/${room}/`, pathNot: within },
    to: { path: `^src/(${forbidden.join('|')})/`, pathNot: `^src/${room}/` },
  };
});

module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'only-through-the-door',
      comment: "A room's inside is reached only through its index.ts.",
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: {
        path: '^src/([^/]+)/',
        pathNot: ['^src/$1/', '^src/(?:[^/]+|pipeline/(?:rmi|states))/index\\.ts$'],
      },
    },
    {
      name: 'only-through-the-doors-within-the-pipeline',
      severity: 'error',
      from: { path: '^src/pipeline/([^/]+)' },
      to: {
        path: '^src/pipeline/(?:rmi|states)/(?!index\\.ts$)',
        pathNot: '^src/pipeline/$1/',
      },
    },
    {
      name: 'no-circle',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'vscode-only-in-editor',
      severity: 'error',
      from: { path: '^(src|webview)/', pathNot: '^src/editor/' },
      to: { path: '^(vscode$|node_modules/@types/vscode)' },
    },
    {
      name: 'toolkit-in-one-file',
      severity: 'error',
      from: { path: '^(src|webview)/', pathNot: '^webview/controls\\.ts$' },
      to: { path: '@vscode/webview-ui-toolkit' },
    },
    {
      name: 'webview-shares-types-only',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: '^src/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pages-take-types-from-their-hosts',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: '^src/(?!editor/(?:panel|fits|summary)/)' },
    },
    { name: 'not-to-test', severity: 'error', from: { path: '^(src|webview)/' }, to: { path: '^test/' } },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^(src|webview)/' },
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
      extensions: ['.ts', '.js', '.d.ts'],
    },
  },
};
