import '../vscodeApi.ts';
import type { HostMessage, PageMessage, PageState } from '../../src/editor/summary/messages.ts';

/** The page's end of the line to its host. */
export interface Host {
  send(message: PageMessage): void;
  /** Sensors chosen before the page was hidden. */
  readonly keptSensors: readonly string[];
  keep(state: PageState): void;
}

export function connectHost(onMessage: (message: HostMessage) => void): Host {
  const api = acquireVsCodeApi();
  window.addEventListener('message', (event: MessageEvent<HostMessage>) => onMessage(event.data));
  return {
    send: (message) => api.postMessage(message),
    keptSensors: readSensors(api.getState()),
    keep: (state) => api.setState(state),
  };
}

function readSensors(state: unknown): readonly string[] {
  if (typeof state !== 'object' || state === null || !('sensors' in state)) return [];
  const { sensors } = state;
  return Array.isArray(sensors) ? sensors.filter((one): one is string => typeof one === 'string') : [];
}
