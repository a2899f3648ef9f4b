import * as vscode from 'vscode';
import type { ContextKeys } from '../contributions.ts';

/** Sets context keys, telling the editor only of those that changed. */
export interface ContextKeySetter {
  set<Key extends keyof ContextKeys>(key: Key, value: ContextKeys[Key]): void;
}

export function createContextKeys(): ContextKeySetter {
  const known = new Map<keyof ContextKeys, unknown>();
  return {
    set(key, value) {
      if (known.get(key) === value) return;
      known.set(key, value);
      void vscode.commands.executeCommand('setContext', key, value);
    },
  };
}
