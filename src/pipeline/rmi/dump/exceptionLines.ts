import type { JavaThrowable } from '../serial/javaThrowable.ts';
import { quoted } from './names.ts';

/** Lines of one stack, and causes of one exception, that are shown. */
const MOST_FRAMES = 5;
const MOST_CAUSES = 10;

/** An exception with its causes, as Java prints it. */
export function throwableLines(first: JavaThrowable): string[] {
  const lines: string[] = [];
  const causes = causesOf(first);
  for (const [index, thrown] of causes.slice(0, MOST_CAUSES).entries()) {
    lines.push(`${index === 0 ? '' : 'caused by '}${throwableText(thrown)}`);
    for (const { className, methodName, fileName, line } of thrown.frames.slice(0, MOST_FRAMES)) {
      lines.push(`  at ${className}.${methodName}(${fileName ?? 'unknown'}${line < 0 ? '' : `:${line}`})`);
    }
    if (thrown.frames.length > MOST_FRAMES) lines.push(`  … ${thrown.frames.length - MOST_FRAMES} more`);
    for (const suppressed of thrown.suppressed) {
      lines.push(`  suppressed ${causesOf(suppressed).map(throwableText).join(', caused by ')}`);
    }
  }
  if (causes.length > MOST_CAUSES) lines.push(`… ${causes.length - MOST_CAUSES} more causes`);
  return lines;
}

/** An exception and its causes. */
function causesOf(first: JavaThrowable): readonly JavaThrowable[] {
  const causes: JavaThrowable[] = [];
  for (let thrown: JavaThrowable | undefined = first; thrown !== undefined; thrown = thrown.cause) {
    causes.push(thrown);
  }
  return causes;
}

function throwableText({ className, detail }: JavaThrowable): string {
  return detail === null ? className : `${className}: ${quoted(detail)}`;
}
