import { reflect } from "./reflect.ts";
import type { Session } from "./sessions.ts";

/** A form of message and what is replied to it; what the brackets of the form caught is handed on. */
interface Rule {
  form: RegExp;
  reply: (session: Session, caught: string) => string;
}

/** Tried in this order: first what needs the memory, then courtesies, then what can be turned back. */
const rules: readonly Rule[] = [
  {
    form: /\b(?:my name is|call me|i am called|i'm called)\s+([\p{L}'-]{1,40}(?:\s+\p{Lu}[\p{L}'-]{0,39})?)/iu,
    reply(session, name) {
      session.name = name;
      return `Nice to meet you, ${name}. What would you like to talk about?`;
    },
  },
  {
    form: /\b(?:what(?:'s| is) my name|who am i|do you (?:know|remember) my name)\b/i,
    reply: ({ name }) => (name === undefined ? "I do not know your name yet." : `Your name is ${name}.`),
  },
  { form: /\bhow many (?:turns|messages|times)\b/i, reply: ({ count }) => `This is turn ${count + 1} of our conversation.` },
  { form: /\b(?:summari[sz]e|summary|sum up|what (?:did|have) (?:i|we) (?:say|said|talk))/i, reply: summary },
  {
    form: /\b(?:what did you (?:just )?say|say (?:that|it) again|repeat)\b/i,
    reply: ({ turns }) => (turns.length === 0 ? "I have not said anything yet." : `I said: "${turns.at(-1)?.reply}"`),
  },
  { form: /^(?:hi|hello|hey|good (?:morning|day|evening))\b/i, reply: ({ name }) => `Hello${to(name)}. What is on your mind?` },
  { form: /\b(?:bye|goodbye|see you)\b/i, reply: ({ name, count }) => `Goodbye${to(name)}. We spoke ${times(count + 1)}.` },
  { form: /\b(?:thanks|thank you)\b/i, reply: ({ name }) => `You are welcome${to(name)}.` },
  { form: /\bbecause (.+)/i, reply: (_session, why) => `Is that the only reason, that ${reflect(why)}?` },
  { form: /\bi feel (.+)/i, reply: (_session, what) => `What makes you feel ${reflect(what)}?` },
  {
    form: /\bi (?:want|need|would like) (.+)/i,
    reply: (_session, what) => `What would change if you had ${reflect(what).replace(/^to /, "the chance to ")}?`,
  },
  { form: /\bi(?:'m| am) (.+)/i, reply: (_session, what) => `How long have you been ${reflect(what)}?` },
  { form: /\byou are (.+)/i, reply: (_session, what) => `What makes you think that I am ${reflect(what)}?` },
  { form: /^(.+)\?$/s, reply: (_session, question) => `You ask: "${reflect(question)}?" What do you think yourself?` },
  { form: /^(.*[\p{L}\p{N}].*)$/su, reply: (_session, statement) => `You say that ${reflect(statement)}. Tell me more about it.` },
];

/** What the twin replies to a message in this conversation. */
export function replyTo(session: Session, message: string): string {
  for (const { form, reply } of rules) {
    const match = form.exec(message);
    if (match !== null) return reply(session, withoutEnd(match[1] ?? ""));
  }
  return "I am listening.";
}

/** The text without the marks and spaces at its end. */
function withoutEnd(text: string): string {
  let length = text.length;
  while (length > 0 && " \t\r\n.!?".includes(text.charAt(length - 1))) length -= 1;
  return text.slice(0, length);
}

function summary({ turns, count, name }: Session): string {
  if (turns.length === 0) return "We have only just begun: you have said nothing before this.";
  const said = turns.map(({ message }, index) => `${index + 1}. "${shorten(message)}"`).join(" ");
  const older = count > turns.length ? `, of which I remember the last ${turns.length}` : "";
  return `${name === undefined ? "You have" : `${name}, you have`} spoken ${times(count)}${older}. You said: ${said}`;
}

const to = (name: string | undefined): string => (name === undefined ? "" : `, ${name}`);
const times = (count: number): string => (count === 1 ? "once" : `${count} times`);
const shorten = (text: string): string => (text.length <= 120 ? text : `${text.slice(0, 119)}…`);
