// Text as it is searched: without accents and case, cut into words.

const LETTERS = { ø: "o", ł: "l", đ: "d", ð: "d", ı: "i", ß: "ss", æ: "ae", œ: "oe", þ: "th" };
export const folded = (text) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[øłđðıßæœþ]/g, (letter) => LETTERS[letter]);
// a dot within an id or a version stays: 2503.20783, 1.5b
export const words = (text) => folded(text).match(/[\p{L}\p{N}]+(?:\.\p{N}+)*/gu) ?? [];
