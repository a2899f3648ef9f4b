import { serializable } from './classDescs.ts';

/* Classes of the JDK that values are made of; their versions are the same in Java 8 to 25. */
export const DATE = serializable({ name: 'java.util.Date', suid: 7523967970034938905n, writes: true });

export const FILE = serializable({
  name: 'java.io.File',
  suid: 301077366599181567n,
  writes: true,
  fields: ['L path Ljava/lang/String;'],
});

export const HASH_MAP = serializable({
  name: 'java.util.HashMap',
  suid: 362498820763181265n,
  writes: true,
  fields: ['F loadFactor', 'I threshold'],
});

export const LINKED_HASH_MAP = serializable({
  name: 'java.util.LinkedHashMap',
  suid: 3801124242820219131n,
  fields: ['Z accessOrder'],
  superDesc: HASH_MAP,
});

export const ARRAY_LIST = serializable({
  name: 'java.util.ArrayList',
  suid: 8683452581122892189n,
  writes: true,
  fields: ['I size'],
});

export const STRING_ARRAY = serializable({ name: '[Ljava.lang.String;', suid: -5921575005990323385n });
export const BYTE_ARRAY = serializable({ name: '[B', suid: -5984413125824719648n });
