import { Trait } from "./trait.ts";

/** Word hashes to traits; two words may share a place, which costs a needless look and nothing else. */
const size = 65_536;
const anywhere = new Uint32Array(size);
const beforeSign = new Uint32Array(size);

/** The traits of a word with this hash that ends before this code unit. */
export function wordTraits(hash: number, next: number): number {
  const place = (hash ^ (hash >>> 16)) & (size - 1);
  const found = anywhere[place] ?? 0;
  return next <= 0x20 || next === 0x2c ? found : found | (beforeSign[place] ?? 0);
}

function hashOf(word: string): number {
  let hash = 0;
  for (let at = 0; at < word.length; at += 1) hash = (Math.imul(hash, 31) + word.charCodeAt(at)) | 0;
  return hash;
}

function add(target: Uint32Array, trait: number, words: string): void {
  for (const word of words.split(" ")) {
    const hash = hashOf(word);
    const place = (hash ^ (hash >>> 16)) & (size - 1);
    target[place] = (target[place] ?? 0) | trait;
  }
}

add(
  anywhere,
  Trait.sqlWord,
  "union select having waitfor benchmark extractvalue updatexml randomblob cmdshell outfile dumpfile sysobjects sounds rlike regexp utl dbms xp sp sleep execute",
);
add(
  anywhere,
  Trait.sqlVerb,
  "drop insert update delete create alter truncate exec execute declare shutdown merge grant revoke call begin backup restore replace load copy set rename prepare desc select goto waitfor",
);
add(anywhere, Trait.sqlJoint, "or and by xor limit having like");
add(
  beforeSign,
  Trait.scriptWord,
  "javascript vbscript livescript script cript ript jscript data expression document window location alert prompt confirm eval settimeout setinterval",
);
add(
  beforeSign,
  Trait.codeWord,
  "java javax lang apache opensymphony sun omg springframework runtime processbuilder getruntime jndi memberaccess classloader php expect phar zip glob ogg rar ssh " +
    "compress zlib bzip system exec passthru popen eval assert phpinfo decode unserialize defined vars functions strrev uploaded file gzinflate contents create call preg " +
    "init options nd func require process global while spawn fork io kernel rot string",
);
add(
  beforeSign,
  Trait.addressWord,
  "metadata internal localhost cluster svc gopher dict netdoc tftp jar irc ldap ldaps http https ftp sftp file unix ws meta",
);
add(beforeSign, Trait.sqlWord, "schema master sysusers");
add(anywhere, Trait.codeWord, "nc ncat netcat powershell pwsh");
add(anywhere, Trait.prototypeWord, "proto prototype constructor");
