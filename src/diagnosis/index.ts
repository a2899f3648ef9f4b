/**
 * What stands between us and PanDA: each value of the profile, each hop to each address, who we are there, where files are
 * staged. One list for the command line and the editor; what it says holds no secret.
 */
export { LIMITS, ok, failed } from './check.ts';
export type { Check, Finding, Limits, Section, Step, Surroundings } from './check.ts';
export { diagnose } from './diagnose.ts';
export { examine } from './examine.ts';
export type { Face, Outside } from './examine.ts';
export { checkLines, summary } from './reportText.ts';
export type { Subject } from './subject.ts';
