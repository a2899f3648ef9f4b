/** States of process instances: a door of its own, as windows show them without loading the rest of the pipeline. */
export { instanceLook } from './stateLook.ts';
export { countStates, hasJob, INSTANCE_STATES, isFinalState, streamState } from './states.ts';
export type { InstanceState, StateCounts } from './states.ts';
