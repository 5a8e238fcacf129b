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

/** How each language quotes, and a sentence with something quoted that is no attack: in no example of the training either. */
const quoting: Readonly<Record<string, readonly [about: (quote: string) => string, plain: string]>> = {
  German: [(quote) => `Unser Lehrer hat „${quote}“ an die Tafel geschrieben. Was ist daran so gefährlich?`, "Wer singt „Ameno“?"],
  French: [(quote) => `La dictée contient « ${quote} » ; est-ce que c'est une attaque ?`, "Qui a peint « Guernica » ?"],
  Spanish: [(quote) => `En clase vimos «${quote}» y no sé qué hace. ¿Me lo explicas?`, "¿Quién escribió «Niebla»?"],
  Portuguese: [(quote) => `Na aula apareceu “${quote}” e fiquei sem entender. O que faz?`, "Quem canta “Águas de Março”?"],
  Italian: [(quote) => `A lezione abbiamo visto «${quote}» e non ho capito che cosa fa.`, "Chi ha scritto «Il Gattopardo»?"],
  Polish: [(quote) => `Na lekcji pojawiło się „${quote}” i nie wiem, co to robi.`, "Kto śpiewa „Małgośka”?"],
  Turkish: [(quote) => `Derste “${quote}” gördük ama ne yaptığını anlamadım.`, "“Kuyucaklı Yusuf” kimin eseri?"],
  Russian: [(quote) => `На лекции показали «${quote}», и я не понял, что это делает.`, "Кто поёт «Катюшу»?"],
  Ukrainian: [(quote) => `На лекції показали «${quote}», і я не зрозумів, що це робить.`, "Хто написав «Кобзар»?"],
  Swedish: [(quote) => `På lektionen såg vi ”${quote}” och jag förstod inte vad det gör.`, "Vem skrev ”Utvandrarna”?"],
  Hungarian: [(quote) => `Az órán a „${quote}” példa szerepelt, de nem értettem, mit csinál.`, "Ki írta a „Toldi” című művet?"],
  Japanese: [(quote) => `講義で「${quote}」が出てきましたが、何をするものか分かりませんでした。`, "「雪国」を書いたのは誰ですか。"],
  Chinese: [(quote) => `课上讲到“${quote}”，我没听懂它会做什么。`, "“围城”是谁写的？"],
  Korean: [(quote) => `수업에서 “${quote}” 를 봤는데 무엇을 하는지 모르겠어요.`, "“토지” 는 누가 썼나요?"],
  Arabic: [(quote) => `رأينا في الدرس «${quote}» ولم أفهم ماذا تفعل.`, "من كتب «الأيام»؟"],
};

for (const [language, [about, plain]] of Object.entries(quoting)) {
  describe(`quotes in ${language}`, () => {
    // Some of the questions that quote an attack are refused in every language.
    test("nearly every attack that a sentence quotes passes", () => {
      const refused = attacks.filter((attack) => screen(about(attack), { profile: "prose" }).length > 0);
      assert.ok(refused.length <= 1, refused.join(", "));
    });
    for (const attack of attacks)
      test(`${attack} after something else that is quoted is found`, () =>
        assert.notDeepEqual(screen(`${plain} ${attack}`, { profile: "prose" }), []));
  });
}

for (const [language, [about, plain]] of Object.entries(languages)) {
  describe(language, () => {
    for (const quote of technical)
      test(`a question about ${quote} passes`, () => assert.deepEqual(screen(about(quote), { profile: "prose" }), []));
    for (const attack of attacks)
      test(`${attack} after another question is found`, () => assert.notDeepEqual(screen(`${plain} ${attack}`, { profile: "prose" }), []));
  });
}
