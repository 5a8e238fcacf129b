import { partRecogniser } from "../whole-part.ts";

/** A text that is nothing but a command in backticks: with no word of a sentence around, it is a substitution and no quotation. */
export const recogniseBareSubstitution = partRecogniser("substitution", [
  /^`\s?(?:\/[\w./-]{2,60}|(?:ping|id|whoami|sleep|curl|wget|cat|ls|nc|uname|nslookup|dig|env|ifconfig|netstat)\b)[^`\n]{0,100}`$/,
]);
