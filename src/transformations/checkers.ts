import type { Checker } from './checker.ts';
import { catalogChecker } from './phosim/catalog/catalogChecker.ts';
import { commandFileChecker } from './phosim/commandFile/commandFileChecker.ts';

/** All kinds, the most particular first. */
export const CHECKERS: readonly Checker[] = [catalogChecker, commandFileChecker];
