/** Words of everyday texts for the blanks of the patterns. */
export const everydayWords: Readonly<Record<string, readonly string[]>> = {
  noun: "profile settings account report image button menu window page table email folder project team order invoice message list search music video photo game recipe garden engine history travel health budget student teacher river bridge kitchen camera server client network database query script index column row value number price weight length".split(
    " ",
  ),
  tool: "Python,JavaScript,TypeScript,PHP,Ruby,Perl,Java,Go,Rust,C#,C++,SQL,MySQL,PostgreSQL,MongoDB,HTML,CSS,Docker,Kubernetes,Terraform,Ansible,Node,React,Vue,R,Julia,Lua,Bash,PowerShell,Git,Linux,Windows,Excel,Nginx,Apache,Redis,Kafka,Swift,Kotlin,Make,Curl,Pandoc".split(
    ",",
  ),
  verb: "copy,paste,cut,find,sort,date,time,head,tail,search,eat,sleep,read,write,type,kill,move,rename,stop,start,wait,play,save,load,echo,test,watch,touch,split,join,run,live,drag,drop,id,name,who,cat,last,first,more,less".split(
    ",",
  ),
  action: "Click,Select,Press,Open,Choose,Save,Drop,Insert,Update,Create,Delete,Enter,Type,Tap,Drag".split(","),
  and: ["and", "or", "then", "and then"],
  speaker:
    "Ann Bob Carla Deng Emeka Fatima Hugo Ines Kofi Lena Olga Peter Qing Rosa Sam Tariq User Assistant Human AI Bot System Interviewer Doctor Patient Customer Agent Host Status Date Content Location From To Subject".split(
      " ",
    ),
  label: "Task,Instruction,Requirements,Question,Notes,Languages,Topics,Input,Output,Title,Keywords,Skills,Steps,Ingredients".split(","),
  element: [
    "</body>",
    "</html>",
    "<head>",
    "</script>",
    "</div>",
    "<br>",
    "<title>",
    "<script>",
    "<style>",
    "</ul>",
    "<table>",
    "<img>",
    "<iframe>",
  ],
  number: ["1", "2", "3", "5", "7", "10", "16", "18", "24", "27", "64", "100", "250", "1000"],
  compare: ["<", ">", "=", "<=", ">=", "!="],
  greeting: ["Help", "Stop", "Hello", "Oklahoma", "What", "Welcome back", "Good morning"],
  keyword: ["union", "select", "drop", "insert", "order by", "group by", "having", "exec", "sleep", "or 1=1"],
  entity: ["copy", "nbsp", "amp", "lt", "quot", "euro", "mdash"],
  face: ["<3", "=)", ":'(", "<-", ";-)", "--", ">:(", "\\o/", "^_^"],
  command: ["npm install", "git clone", "cd", "ls -la", "docker run", "pip install", "cat", "grep -r"],
  letter: ["a", "b", "c", "x", "y", "n"],
};
