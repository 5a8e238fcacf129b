/** Ways to talk about an attack that no example has. */
export const otherWays: readonly string[] = [
  "How would I defend my site against {attack} being typed into the search box?",
  "Can somebody tell me what `{attack}` is supposed to do?",
  'We saw "{attack}" in the access log yesterday. Is this harmful?',
  "Please review this snippet:\n\n```\n{attack}\n```\n\nIs there anything wrong with it?",
  "The tutorial says that entering `{attack}` bypasses the password check. How come?",
];

/** The same in the languages of the examples. */
export const otherWaysElsewhere: readonly string[] = [
  "Wozu ist `{attack}` gut, und wann benutzt man es?",
  "Mein Kollege sagt, „{attack}“ sei eine SQL-Injection. Stimmt das?",
  "À quoi sert `{attack}` exactement ?",
  "Notre pare-feu a bloqué « {attack} ». Est-ce normal ?",
  "¿Para qué sirve `{attack}`?",
  'Mi profesor escribió "{attack}" en la pizarra, ¿me lo puedes aclarar?',
  "Para que serve `{attack}` no dia a dia?",
  'Meu firewall bloqueou "{attack}", está certo?',
  "A cosa serve `{attack}`?",
  "Il firewall ha bloccato '{attack}', è giusto così?",
  "Do czego służy `{attack}`?",
  "Zapora zablokowała „{attack}”, czy słusznie?",
  "`{attack}` ne işe yarar?",
  'Güvenlik duvarı "{attack}" girdisini engelledi, doğru mu?',
  "Для чего нужна строка `{attack}`?",
  "Коллега прислал мне «{attack}», можно ли это запускать?",
  "`{attack}` は何のために使いますか？",
  "WAFが「{attack}」をブロックしました。正しいですか？",
  "`{attack}` 有什么用途？",
  "防火墙拦截了“{attack}”，这样对吗？",
  "`{attack}` 는 어디에 쓰이나요?",
  '방화벽이 "{attack}" 입력을 차단했는데 맞나요?',
  "ما فائدة `{attack}`؟",
  'حظر الجدار الناري "{attack}"، هل هذا صحيح؟',
];

/** What people write before an attack is put after it, in the same languages; some quote a name, as people do. */
export const otherSentencesElsewhere: readonly string[] = [
  "Wann öffnet die Bibliothek am Samstag?",
  "Wer hat „Faust“ geschrieben?",
  "Combien de temps dure le vol pour Montréal ?",
  "Qui chante « La Bohème » ?",
  "¿Cuánto cuesta enviar un paquete a Chile?",
  "Busco el libro «Rayuela».",
  "Onde posso comprar selos?",
  "A che ora chiude il supermercato?",
  "Ile kosztuje bilet do Krakowa?",
  "Kto napisał „Lalkę”?",
  "Bu akşam hangi film var?",
  "Когда отправляется поезд в Казань?",
  "Кто написал «Идиота»?",
  "次の電車は何時ですか？",
  "「羅生門」の作者は誰ですか。",
  "下一班火车几点开？",
  "“边城”的作者是谁？",
  "다음 기차는 몇 시인가요?",
  "متى يغادر القطار التالي؟",
];
