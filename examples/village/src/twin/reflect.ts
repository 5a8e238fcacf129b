const otherPerson: Readonly<Record<string, string>> = {
  i: "you",
  me: "you",
  my: "your",
  mine: "yours",
  myself: "yourself",
  am: "are",
  "i'm": "you are",
  "i've": "you have",
  "i'll": "you will",
  "i'd": "you would",
  you: "I",
  your: "my",
  yours: "mine",
  yourself: "myself",
  "you're": "I am",
  "you've": "I have",
  "you'll": "I will",
};

/** The same words as seen from the other side: "I miss my dog" becomes "you miss your dog". */
export function reflect(text: string): string {
  return text.replace(/[\p{L}']+/gu, (word) => {
    const lower = word.toLowerCase();
    return Object.hasOwn(otherPerson, lower) ? (otherPerson[lower] ?? word) : word;
  });
}
