import { hash } from "node:crypto";
import { createRequire } from "node:module";

import type * as core from "@zxcvbn-ts/core";
import type * as common from "@zxcvbn-ts/language-common";

import { keyWords } from "./key-words.ts";

const require = createRequire(import.meta.url);

/** The estimate costs the square of the length, and 48 random characters are enough: the rest of a key counts only when they are not. */
const [firstCharacters, mostCharacters] = [48, 128];
/** Length of a part that is judged by itself. */
const leastCharacters = 32;
/** log10 of 2^126: beyond it nothing finds a key by guessing, however it is built. */
const enough = 38;
/**
 * The estimator gives ten guesses to each character that follows no pattern, so it sees 10^n guesses in n random characters, and not more.
 * A key that scores below 0.85 n owes much of its length to words, dates, sequences, keyboard rows or repetitions. Of 2,400 random keys in
 * hex, base 62, base 64, letters and UUIDs the lowest scored 0.88 n; `a1b2c3d4…` scores 0.82 n, and what is made of words below 0.7 n.
 */
const patternFree = 0.85;
/** Digits alone hold more dates and sequences by chance: of 1,200 random ones the lowest scored 0.72 n, dates and counts at most 0.58 n. */
const patternFreeDigits = 0.65;

type Estimate = (text: string) => number;

/** Its dictionaries take as much memory as a third of a gateway, for keys that are judged once: it may be collected when they are. */
let estimator: WeakRef<Estimate> | undefined;
/** By digest, so that no key that was in use stays in memory as text. */
const verdicts = new Map<string, boolean>();
const mostVerdicts = 64;

/**
 * Whether somebody who knows how people make keys would find it. The estimator (zxcvbn-ts) and its dictionaries are loaded by the first
 * call, about 0.2 s of CPU; each further key costs about 20 ms once, since verdicts are kept.
 */
export function isGuessable(key: string): boolean {
  const digest = hash("sha256", key);
  const known = verdicts.get(digest);
  if (known !== undefined) return known;
  const verdict = isFormGuessable(key) || decodedForms(key).some(isFormGuessable);
  if (verdicts.size >= mostVerdicts) verdicts.clear();
  verdicts.set(digest, verdict);
  return verdict;
}

/** A key is as hard to guess as any part of it, so a label such as `acme-prod-` before a random part does no harm. */
function isFormGuessable(key: string): boolean {
  const parts = key.split(/[^A-Za-z0-9]+/).filter((part) => part.length >= leastCharacters && part !== key);
  return isTextGuessable(key) && parts.every(isTextGuessable);
}

function isTextGuessable(text: string): boolean {
  return isWeak(text.slice(0, firstCharacters)) && (text.length <= firstCharacters || isWeak(text.slice(0, mostCharacters)));
}

function isWeak(text: string): boolean {
  // With separators between them the estimator takes words for noise.
  const plain = text.replaceAll(/[^A-Za-z0-9]/g, "");
  const needed = isPassphrase(text) ? enough : Math.min(enough, (/^\d+$/.test(plain) ? patternFreeDigits : patternFree) * plain.length);
  return guesses(text) < needed || (plain !== text && guesses(plain) < needed);
}

/** Letters between separators are words, which give far less than ten guesses a letter. */
function isPassphrase(text: string): boolean {
  const parts = text.split(/[^A-Za-z0-9]+/).filter((part) => part !== "");
  return parts.length >= 4 && parts.every((part) => /^([a-z]{1,12}|[A-Z]?[a-z]{1,11}|[A-Z]{1,12})\d{0,4}$/.test(part));
}

/** The text that base64 or hex hides, if it is one that a person could have typed. */
function decodedForms(key: string): string[] {
  const forms = [Buffer.from(key, "base64"), ...(/^([\da-f]{2})+$/i.test(key) ? [Buffer.from(key, "hex")] : [])];
  return forms.map((bytes) => bytes.toString("latin1")).filter((text) => /^[\x20-\x7e]{8,}$/.test(text));
}

/** log10 of the guesses that the estimator expects an attacker to need. */
function guesses(text: string): number {
  return text === "" ? 0 : currentEstimator()(text);
}

function currentEstimator(): Estimate {
  const known = estimator?.deref();
  if (known !== undefined) return known;
  const loaded = loadEstimator();
  estimator = new WeakRef(loaded);
  return loaded;
}

function loadEstimator(): Estimate {
  // Only production and check-config judge keys: no other start pays for the dictionaries.
  const { ZxcvbnFactory } = require("@zxcvbn-ts/core") as typeof core;
  const { dictionary, adjacencyGraphs } = require("@zxcvbn-ts/language-common") as typeof common;
  const zxcvbn = new ZxcvbnFactory({
    dictionary: { ...dictionary, keyWords: [...keyWords] },
    graphs: adjacencyGraphs,
    maxLength: mostCharacters,
    // Its default of 100 tries makes each key ten times as dear and finds no more in ours.
    l33tMaxSubstitutions: 2,
  });
  return (text) => zxcvbn.check(text).guessesLog10;
}
