import type { Checker } from './checker.ts';
import { bpsChecker, pipelineChecker } from './dmstack/yamlCheckers.ts';
import { catalogChecker } from './phosim/catalog/catalogChecker.ts';
import { commandFileChecker } from './phosim/commandFile/commandFileChecker.ts';
import { submissionFileChecker } from './submissionFile/submissionFileChecker.ts';

/** All kinds, the most particular first. */
export const CHECKERS: readonly Checker[] = [
  submissionFileChecker,
  pipelineChecker,
  bpsChecker,
  catalogChecker,
  commandFileChecker,
];
