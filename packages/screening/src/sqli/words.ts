import { hashStep, lowerCase } from "../text/word-table.ts";

/** What a word means in SQL, as far as the rules care. */
export const Word = {
  plain: 0,
  logic: 1,
  compare: 2,
  union: 3,
  select: 4,
  all: 5,
  from: 6,
  not: 7,
  literal: 8,
  /** Begins a statement that changes or runs something. */
  verb: 9,
  /** What a verb acts on: `table`, `into`, `database`. */
  object: 10,
  order: 11,
  by: 12,
  into: 13,
  /** A function that only attackers call: it waits, reads files, runs programs, or leaks by error messages. */
  probe: 14,
  /** The functions that spell text by numbers. */
  char: 15,
  waitfor: 16,
  having: 17,
  case: 18,
  limit: 19,
  where: 20,
  /** A procedure of Microsoft SQL Server that attackers run. */
  procedure: 21,
  procedureWord: 22,
  /** A system table. */
  catalogue: 23,
} as const;

/** Words with a meaning by their numbers, of which 0 is none and 255 the last that there is room for. */
const words = [""];
const meanings = new Uint8Array(256);
const slots = 8_192;
/** For the hash of a word, the number of the one that it may be; 0 where none is, as for nearly all words of a text. */
const wordAt = new Uint8Array(slots * 2);

/** Of a word that comes twice, the later meaning counts. */
function add(meaning: number, list: string): void {
  for (const word of list.split(" ")) {
    const slot = slotOfWord(word);
    if (wordAt[slot] === 0) wordAt[slot] = words.push(word) - 1;
    meanings[wordAt[slot] ?? 0] = meaning;
  }
}

add(Word.logic, "or and xor");
add(Word.compare, "like rlike regexp in between is glob escape sounds similar ilike div mod");
add(Word.union, "union except intersect minus");
add(Word.select, "select");
add(Word.all, "all distinct distinctrow");
add(Word.from, "from");
add(Word.not, "not binary any some exists");
add(Word.literal, "null true false");
add(
  Word.verb,
  "drop insert update delete create alter truncate exec execute declare shutdown merge grant revoke call begin backup restore replace load copy if print use goto rename set show prepare commit handler",
);
add(Word.object, "table database index view user procedure function schema trigger column login role outfile dumpfile");
add(Word.order, "order group");
add(Word.by, "by");
add(Word.into, "into");
add(
  Word.probe,
  "sleep benchmark pg_sleep dbms_pipe receive_message randomblob extractvalue updatexml xmltype load_file gtid_subset gtid_subtract " +
    "current_user json_keys elt make_set utl_inaddr get_host_address utl_http dbms_lock dbms_utility sqlid_to_sqlhash schema session_user system_user db_name current_database st_latfromgeohash " +
    "generate_series pg_read_file lo_import procedure_analyse analyse unicode ascii ord substring substr mid concat concat_ws " +
    "group_concat char_length version user database current_setting pi md5 row_count hex unhex convert cast bitand instr is_srvrolemember",
);
add(Word.char, "char chr nchar");
add(Word.waitfor, "waitfor");
add(Word.having, "having");
add(Word.case, "case iif");
add(Word.limit, "limit offset");
add(Word.where, "where when");
add(
  Word.procedure,
  "xp_cmdshell xp_regread xp_dirtree xp_fileexist xp_regwrite xp_availablemedia sp_oacreate sp_executesql sp_configure sp_password sp_makewebtask openrowset opendatasource",
);
add(
  Word.catalogue,
  "information_schema pg_catalog pg_shadow sqlite_master sysobjects syscolumns sysusers sysibm all_tables user_tables all_users ctxsys",
);
add(Word.procedureWord, "procedure");

/** Functions that have no innocent use in a value, whatever stands around them. */
export const strongProbes: ReadonlySet<string> = new Set(
  "sleep benchmark pg_sleep dbms_pipe randomblob extractvalue updatexml xmltype load_file gtid_subset json_keys utl_inaddr utl_http dbms_lock dbms_utility".split(
    " ",
  ),
);

const probeLengths = new Set([...strongProbes].map(({ length }) => length));

/** Whether one of these functions is as long as this, which saves most words the look-up. */
export function mayBeStrongProbe(length: number): boolean {
  return probeLengths.has(length);
}

/** What a word in lower case means. */
export function meaningOfWord(word: string): number {
  return meaningOfNumber(numberOfWord(word));
}

/** The number of a word in lower case, 0 for one that means nothing. */
export function numberOfWord(word: string): number {
  return wordAt[slotOfWord(word)] ?? 0;
}

/** What the word with this number means. */
export function meaningOfNumber(number: number): number {
  return meanings[number] ?? Word.plain;
}

/** Not 0 when a word with this hash of `hashStep` over its lower-case letters may mean something. */
export function mayMean(hash: number): number {
  return wordAt[slotOf(hash)] ?? 0;
}

/** The number of the word with this hash, 0 for one that means nothing; `units` has it from `start` to `end`. */
export function numberOf(units: Uint16Array, start: number, end: number, hash: number): number {
  for (let slot = slotOf(hash); ; slot += 1) {
    const number = wordAt[slot] ?? 0;
    if (number === 0 || isSpelled(units, start, end, words[number] ?? "")) return number;
  }
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 13)) & (slots - 1);
}

/** The slot of a word in lower case, or the free one where it would be. */
function slotOfWord(word: string): number {
  let hash = 0;
  for (let at = 0; at < word.length; at += 1) hash = hashStep(hash, word.charCodeAt(at));
  let slot = slotOf(hash);
  while (wordAt[slot] !== 0 && words[wordAt[slot] ?? 0] !== word) slot += 1;
  return slot;
}

function isSpelled(units: Uint16Array, start: number, end: number, word: string): boolean {
  if (word.length !== end - start) return false;
  for (let at = 0; at < word.length; at += 1) if (lowerCase(units[start + at] ?? 0) !== word.charCodeAt(at)) return false;
  return true;
}
