/** Paints text for a terminal, or leaves it as it is. */
export interface Style {
  /** By number of an ANSI colour; undefined leaves it. */
  readonly paint: (text: string, ansi: number | undefined) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

const plain: Style = { paint: (text) => text, bold: (text) => text, dim: (text) => text };

const colours: Style = {
  paint: (text, ansi) => (ansi === undefined ? text : `\u001b[${ansi}m${text}\u001b[39m`),
  bold: (text) => `\u001b[1m${text}\u001b[22m`,
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
};

/** Colours only on a terminal that can show them, and never where NO_COLOR is set (https://no-color.org). */
export function styleFor(isTTY: boolean, env: Readonly<Record<string, string | undefined>>): Style {
  const noColor = env.NO_COLOR !== undefined && env.NO_COLOR !== '';
  return isTTY && !noColor && env.TERM !== 'dumb' ? colours : plain;
}

/** Other people's text may not steer the terminal: control characters are shown, not obeyed; lines stay lines. */
export function clean(text: string): string {
  return text.replace(CONTROLS, visible);
}

/** The same for one line: line ends are shown too. */
export function cleanLine(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(CONTROLS, visible);
}

/** A log on a terminal: colours stay, everything else that would steer the terminal is shown. */
export function terminalSafe(text: string): string {
  return text.replace(LOG_CONTROLS, (match) => (match.length > 1 || match === '\r' ? match : visible(match)));
}

const LOG_CONTROLS = /\u001b\[[0-9;]*m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}
