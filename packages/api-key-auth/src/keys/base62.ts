import { randomInt } from "node:crypto";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** This many letters and digits from the operating system's generator, each as likely as any other. */
export function randomBase62(length: number): string {
  return Array.from({ length }, () => digits.charAt(randomInt(digits.length))).join("");
}

/** A non-negative integer, with zeros in front up to `length`. */
export function toBase62(value: number, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest = Math.floor(rest / digits.length)) text = digits.charAt(rest % digits.length) + text;
  return text;
}
