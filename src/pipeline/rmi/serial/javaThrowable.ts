import { ancestorsOf } from './throwableClasses.ts';

/** One line of a stack of Java's. */
export interface StackFrame {
  readonly className: string;
  readonly methodName: string;
  readonly fileName: string | null;
  /** Negative where it is not known. */
  readonly line: number;
}

export interface JavaThrowableOptions {
  readonly cause?: JavaThrowable | undefined;
  readonly suppressed?: readonly JavaThrowable[];
  readonly frames?: readonly StackFrame[];
  /** Superclasses, the nearest first; known by itself for exceptions that can be sent. */
  readonly ancestors?: readonly string[];
}

/** An exception of Java's: thrown to send one, and thrown for one that came. */
export class JavaThrowable extends Error {
  override readonly name = 'JavaThrowable';
  override readonly cause: JavaThrowable | undefined;
  /** As in `java.io.FileNotFoundException`. */
  readonly className: string;
  /** What the exception itself says; often nothing. */
  readonly detail: string | null;
  readonly ancestors: readonly string[];
  readonly suppressed: readonly JavaThrowable[];
  readonly frames: readonly StackFrame[];

  constructor(className: string, detail: string | null = null, options: JavaThrowableOptions = {}) {
    super(detail === null ? className : `${className}: ${detail}`);
    this.className = className;
    this.detail = detail;
    this.cause = options.cause;
    this.suppressed = options.suppressed ?? [];
    this.frames = options.frames ?? [];
    this.ancestors = options.ancestors ?? ancestorsOf(className);
  }

  /** Whether Java would catch it as one of this class. */
  is(className: string): boolean {
    return this.className === className || this.ancestors.includes(className);
  }
}
