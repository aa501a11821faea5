import { createHash, randomBytes, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const secretLength = 43;
const checksumLength = 6;
const tokenPattern = new RegExp(`^est_([0-9A-Za-z]{${secretLength}})([0-9A-Za-z]{${checksumLength}})$`);

/** 256 random bits in base 62. */
export function newSecret(): string {
  return base62(BigInt(`0x${randomBytes(32).toString("hex")}`), secretLength);
}

/** An access token: `est_`, 256 random bits, and a checksum by which a mistyped one is known without asking anybody. */
export function newToken(): string {
  const secret = newSecret();
  return `est_${secret}${checksumOf(secret)}`;
}

export function looksLikeToken(text: string): boolean {
  const match = tokenPattern.exec(text);
  return match !== null && checksumOf(match[1] as string) === match[2];
}

/** What is kept of a secret. Secrets are random, so a fast digest is enough. */
export function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** A public name for a row: says nothing, guesses nothing. */
export function newId(prefix: string): string {
  return (
    prefix + Array.from({ length: 16 }, () => "0123456789abcdefghijklmnopqrstuvwxyz"[randomInt(36)]).join("")
  );
}

const consonants = "BCDFGHJKLMNPQRSTVWXZ";

/** Eight consonants in two groups: no word comes of it, no letter is taken for a digit. */
export function newUserCode(): string {
  const letters = Array.from({ length: 8 }, () => consonants[randomInt(consonants.length)]).join("");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** As {@link newUserCode} writes it, whatever a person typed between the letters. */
export function tidyUserCode(typed: string): string {
  const letters = typed.toUpperCase().replaceAll(/[^A-Z]/g, "");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

function checksumOf(secret: string): string {
  return base62(BigInt(crc32(secret)), checksumLength);
}

function base62(value: bigint, length: number): string {
  let rest = value;
  let text = "";
  for (let place = 0; place < length; place += 1) {
    text = digits[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}
