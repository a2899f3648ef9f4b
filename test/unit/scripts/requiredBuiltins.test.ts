import assert from 'node:assert/strict';
import { withRequired } from '../../../scripts/lib/requiredBuiltins.ts';

describe('built-in modules in bundles', () => {
  it('are required where they were imported, on the same lines', () => {
    const written = [
      'import { join, resolve as resolve2 } from "node:path";',
      'import http, { Agent } from "http";',
      'import * as disk from "node:fs/promises";',
      'import {',
      '  DatabaseSync',
      '} from "node:sqlite";',
    ].join('\n');
    assert.equal(
      withRequired(written),
      [
        'const { join, resolve: resolve2 } = require("node:path");',
        'const http = require("http"), { Agent } = require("http");',
        'const disk = require("node:fs/promises");',
        'const {',
        '  DatabaseSync',
        '} = require("node:sqlite");',
      ].join('\n'),
    );
    const small = 'import{a as b}from"node:fs";import c from"url";let d=1;';
    assert.equal(withRequired(small), 'const {a: b} = require("node:fs");const c = require("url");let d=1;');
  });

  it('leaves everything else as it is', () => {
    for (const code of [
      'import { a } from "./chunk-A.js";',
      'import "./b.js";',
      'const c = import("node:fs");',
    ]) {
      assert.equal(withRequired(code), code);
    }
  });
});
