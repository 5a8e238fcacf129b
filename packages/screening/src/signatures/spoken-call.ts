/**
 * What a call must not look like: `eval() here can be replaced`, `fetch(url) never resolves`. A sentence begins with it, and goes on with
 * words that are no operators.
 */
export const notSpoken =
  "(?![\\w$.]{1,40}\\([\\w$., ]{0,40}\\)[.,:]?\\s(?!(?:or|and|if|unless|in|instanceof)\\b)[a-z]{2,}(?:\\s|'[a-z]{1,2}\\s)[a-z])";
