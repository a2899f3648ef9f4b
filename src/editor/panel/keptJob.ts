/** Which job a panel showed before the window was reloaded, out of the state its page kept; undefined for anything else. */
export function keptJob(
  state: unknown,
): { readonly pandaId: number; readonly profile: string | undefined } | undefined {
  if (typeof state !== 'object' || state === null) return undefined;
  const { pandaId, profile }: Record<string, unknown> = Object.fromEntries(Object.entries(state));
  if (typeof pandaId !== 'number' || !Number.isSafeInteger(pandaId) || pandaId <= 0) return undefined;
  return { pandaId, profile: typeof profile === 'string' ? profile : undefined };
}
