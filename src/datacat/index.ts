/** The data catalog: a client of its REST interface. It knows nothing of PanDA. See docs/datacat.md. */
export type * from './api.ts';
export type { DatacatAuthentication, SignedFacts } from './authentication.ts';
export { signatureHeader } from './authentication.ts';
export { createDatacatClient } from './client.ts';
export type { DatacatDependencies, DatacatSettings } from './client.ts';
export { DatacatError } from './errors.ts';
export type { DatacatErrorKind } from './errors.ts';
export { checkFilter } from './filter/check.ts';
export type { FilterProblem } from './filter/check.ts';
export { DATASET_FIELDS } from './filter/fields.ts';
export { FILTER_WORDS, parseFilter } from './filter/parse.ts';
export type { Comparison, Filter, FilterItem, FilterValue } from './filter/parse.ts';
export { FilterSyntaxError } from './filter/tokens.ts';
export type { DatacatKey } from './keyFile.ts';
export { ensureFolder, registerFile } from './register.ts';
export type { FileToRegister, Registration } from './register.ts';
export { childPath, parentPath, withAllBelow } from './paths.ts';
