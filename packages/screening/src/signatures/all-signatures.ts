import { Trait } from "../text/trait.ts";
import { addressSignatures } from "./address-signatures.ts";
import { codeSignatures } from "./code-signatures.ts";
import { documentQueryForms } from "./document-query-signatures.ts";
import { markupSignatures } from "./markup-signatures.ts";
import { pathSignatures } from "./path-signatures.ts";
import { phpSignatures } from "./php-signatures.ts";
import { pollutionSignatures, protocolSignatures } from "./protocol-signatures.ts";
import { querySignatures } from "./query-signatures.ts";
import { shellSignatures } from "./shell-signatures.ts";
import { Triggers } from "./triggers.ts";

/** Everything that a first look at a text can come upon. */
export const triggers = new Triggers([
  ...shellSignatures,
  ...markupSignatures,
  ...documentQueryForms,
  ...codeSignatures,
  ...phpSignatures,
  ...addressSignatures,
  ...protocolSignatures,
  ...pollutionSignatures,
  ...pathSignatures,
  ...querySignatures,
]);

triggers.addWords(
  Trait.sqlWord,
  "union select having waitfor benchmark extractvalue updatexml randomblob cmdshell outfile dumpfile sysobjects sounds rlike regexp utl dbms xp sp sleep execute null",
);
triggers.addWords(
  Trait.sqlVerb,
  "drop insert update delete create alter truncate exec execute declare shutdown merge grant revoke call begin backup restore replace load copy set rename prepare desc select goto waitfor",
);
triggers.addWords(Trait.sqlJoint, "or and by xor limit having like");
triggers.addWordsBeforeSign(Trait.sqlWord, "schema master sysusers");
triggers.addWordsBeforeSign(
  Trait.scriptWord,
  "javascript vbscript livescript script cript ript jscript data expression document window location alert prompt confirm eval settimeout setinterval " +
    "function fetch import fromcharcode unescape atob self top this parent globalthis new constructor get with",
);
triggers.addWordsBeforeSign(
  Trait.codeWord,
  "java javax lang apache opensymphony sun omg springframework runtime processbuilder getruntime jndi memberaccess classloader php expect phar zip glob ogg rar ssh " +
    "compress zlib bzip system exec passthru popen eval assert phpinfo decode unserialize defined vars functions strrev uploaded file gzinflate contents create call preg " +
    "init options nd func require process global while spawn fork io kernel rot string",
);
triggers.addWordsBeforeSign(
  Trait.addressWord,
  "metadata internal localhost cluster svc gopher dict netdoc tftp jar irc ldap ldaps http https ftp sftp file smb unix ws meta",
);
triggers.addWords(
  Trait.templateWord,
  "class mro base bases subclasses globals builtins import init dict getattribute getclass forname constructor eval exec execsync spawnsync popen pclose passthru system " +
    "getattr decode func contents getruntime processbuilder api lower freemarker jndi java process mainmodule child require attr map sort filter reduce request self config cycler " +
    "lipsum joiner namespace env registerundefined os execute inspect module file dir io read assign classloader lookup urlclass beanutils application session servletcontext " +
    "facescontext php getfilter debug println join typeof new x set include import macro dump context settings app url get put print range join cmd",
);
triggers.addWordsBeforeSign(Trait.codeWord, "os subprocess pty commands");
triggers.addWords(Trait.codeWord, "nc ncat netcat powershell pwsh");
