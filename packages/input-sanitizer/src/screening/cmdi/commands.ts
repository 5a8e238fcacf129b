/** How much the name of a command says by itself. */
export const Strength = { none: 0, weak: 1, strong: 2 } as const;

/** Names that are no English words. */
const strong = new Set(
  (
    "whoami ls ifconfig ipconfig uname netstat wget curl chmod chown nslookup traceroute tracert cmd powershell pwsh bash sh zsh ksh csh tcsh dash " +
    "nc ncat netcat telnet ssh scp sftp tftp python python2 python3 perl ruby php grep egrep fgrep awk gawk sed ps df du pwd dig systeminfo sysinfo " +
    "tasklist taskkill netsh wmic certutil bitsadmin rundll32 mshta regsvr32 cscript wscript rm rmdir mkdir mv cp ln useradd adduser sudo su crontab " +
    "printenv htop xxd od base64 base32 tee xargs uniq tac md5sum sha1sum sha256sum lsb_release apt-get apt yum dnf gcc openssl socat nmap dir " +
    "invoke-webrequest invoke-expression iex iwr new-object start-process get-content ansible-galaxy ansible ansible-vault ansible-playbook docker kubectl " +
    "busybox setsid nohup tcpdump lsof strace gdb lynx w3m rsync getent ypcat vipw visudo systemctl journalctl dmesg printf eval awk mkfifo telnetd " +
    "phpinfo vssadmin wevtutil cacls icacls attrib xcopy robocopy findstr forfiles fsutil diskpart schtasks comm gunzip gzip bzip2 tar unzip"
  ).split(" "),
);

/** Names that are also words of a sentence: they need an argument that no sentence has. */
const weak = new Set(
  (
    "cat find sort more less who id w time make kill cut head tail touch test top type echo date at last which wait sleep ping host mail set read print " +
    "history watch link split join look write install service env exit export cd alias hostname arp route net reg sc strings rev nl passwd finger copy " +
    "del move start for if while shutdown reboot halt init stat file diff patch mount man info groups users uptime free locate expand paste fold true false " +
    "bc dc ed vi vim nano emacs git npm node java go exec source command builtin declare type call query whereis netsat cvs"
  ).split(" "),
);

export function strengthOf(name: string): number {
  if (strong.has(name)) return Strength.strong;
  return weak.has(name) ? Strength.weak : Strength.none;
}
