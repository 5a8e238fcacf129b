import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { screen } from "../src/index.ts";

/** A question about something technical, and one before which nothing stands: in no example of the training. */
const languages: Readonly<Record<string, readonly [about: (quote: string) => string, plain: string]>> = {
  German: [(quote) => `Wozu ist \`${quote}\` gut, und wann benutzt man es?`, "Wie spät ist es in Tokio?"],
  French: [(quote) => `À quoi sert \`${quote}\` exactement ?`, "Combien coûte un timbre pour la Suisse ?"],
  Spanish: [(quote) => `¿Para qué sirve \`${quote}\`?`, "¿A qué hora abre el museo?"],
  Portuguese: [(quote) => `Para que serve \`${quote}\` no dia a dia?`, "Onde fica a farmácia mais próxima?"],
  Italian: [(quote) => `A cosa serve \`${quote}\`?`, "Quando parte il prossimo treno?"],
  Polish: [(quote) => `Do czego służy \`${quote}\`?`, "Gdzie jest najbliższa apteka?"],
  Turkish: [(quote) => `\`${quote}\` ne işe yarar?`, "En yakın eczane nerede?"],
  Russian: [(quote) => `Для чего нужна строка \`${quote}\`?`, "Во сколько открывается музей?"],
  Japanese: [(quote) => `\`${quote}\` は何のために使いますか？`, "博物館は何時に開きますか？"],
  Chinese: [(quote) => `\`${quote}\` 有什么用途？`, "博物馆几点开门？"],
  Korean: [(quote) => `\`${quote}\` 는 어디에 쓰이나요?`, "박물관은 몇 시에 여나요?"],
  Arabic: [(quote) => `ما فائدة \`${quote}\`؟`, "متى يفتح المتحف؟"],
};
const technical = [
  "ls -la | grep foo",
  "UPDATE t SET a = 1",
  "SELECT * FROM users WHERE id = 1",
  "find . -name '*.log' -delete",
  '<div onclick="go()">',
  "git log --oneline && git status",
  "{{ user.name }}",
  "../config.json",
];
const attacks = [
  "' OR '1'='1",
  "'; DROP TABLE users; --",
  "<img src=x onerror=alert(1)>",
  "; cat /etc/passwd",
  "../../../../etc/passwd",
  "{{7*7}}",
];

for (const [language, [about, plain]] of Object.entries(languages)) {
  describe(language, () => {
    for (const quote of technical)
      test(`a question about ${quote} passes`, () => assert.deepEqual(screen(about(quote), { profile: "prose" }), []));
    for (const attack of attacks)
      test(`${attack} after another question is found`, () => assert.notDeepEqual(screen(`${plain} ${attack}`, { profile: "prose" }), []));
  });
}
