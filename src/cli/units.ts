export { parseCount, parseMemory, parseSeconds } from '../transformations/index.ts';
