import { WordTable } from "../text/word-table.ts";

/** How much the name of a command says by itself. */
export const Strength = { none: 0, weak: 1, strong: 2, software: 3 } as const;

/** The names in lower case, with their strength. */
export const names = new WordTable();

// Names that are also words of a sentence: they need an argument that no sentence has.
names.add(
  Strength.weak,
  "cat find sort more less who id w time make kill cut head tail touch test top type echo date at last which wait sleep ping host mail set read print " +
    "history watch link split join look write install service env exit export cd alias hostname arp route net reg sc strings rev nl passwd finger copy " +
    "del move start for if while shutdown reboot halt init stat file diff patch mount man info groups users uptime free locate expand paste fold " +
    "ver bc dc ed vi vim nano emacs git npm node java go exec source command builtin declare type call query whereis netsat cvs",
);
// Software that people write about, and that does nothing without an argument.
names.add(
  Strength.software,
  "python php perl ruby docker terraform ansible julia lua pandoc octave composer dotnet vagrant sqlite wireshark ffmpeg",
);
// Names that are no English words; one with a dot has to be known to `otherExtension` too.
names.add(
  Strength.strong,
  "whoami ls ifconfig ipconfig uname netstat wget curl chmod chown nslookup traceroute tracert cmd powershell pwsh bash sh zsh ksh csh tcsh dash " +
    "nc ncat netcat telnet ssh scp sftp tftp python2 python3 grep egrep fgrep awk gawk sed ps df du pwd dig systeminfo sysinfo " +
    "tasklist taskkill netsh wmic certutil bitsadmin rundll32 mshta regsvr32 cscript wscript rm rmdir mkdir mv cp ln useradd adduser sudo su crontab " +
    "printenv htop xxd od base64 base32 tee xargs uniq tac md5sum sha1sum sha256sum lsb_release apt-get apt yum dnf gcc openssl socat nmap dir " +
    "invoke-webrequest invoke-expression iex iwr new-object start-process get-content ansible-galaxy ansible-vault ansible-playbook kubectl " +
    "busybox setsid nohup tcpdump lsof strace gdb lynx w3m rsync getent ypcat vipw visudo systemctl journalctl dmesg printf eval awk mkfifo telnetd " +
    "aa-exec agetty apt-cache apt-key aria2c arping ash aspell basename basenc batcat bpftrace bunzip2 busctl byebug bzcat c89 c99 " +
    "capsh certbot chattr chef-shell chgrp choom chroot chsh clamscan cmdkey cobc cowsay cpan cpio cpulimit cscli csplit " +
    "cupsfilter datamash dirname distcc dmsetup dos2unix dosbox dpkg driverquery dstat dvips easy_install efax elvish " +
    "enscript espeak exiftool facter fastfetch fping gci gcloud gcm gcore gem genisoimage get-childitem get-content " +
    "get-process get-service getcap ghci ginsh gpasswd gpresult gps groupadd gsv hexdump hping icm iconv iftop ifup insmod " +
    "installutil invoke-command invoke-wmimethod iptables ispell jjs jq jrunscript ksshell ksu lastcomm lastlog latexmk " +
    "ldconfig ldd lftp logsave lsattr lshw lsmod lsusb ltrace luatex lwp-download lwp-request mailx mawk minicom mktemp " +
    "modprobe msbuild msgcat msiexec mtr mutt mysqldump nasm nawk nbtstat ncftp neofetch netdom new-item nft nltest nm nmcli " +
    "nroff nsenter ntpdate odbcconf openvpn opkg out-file pathping pdb pdflatex perlbug pexec pidstat pip pkexec " +
    "posh psftp pstree qprocess quser qwinsta rake readelf readlink realpath redcarpet redis-cli regasm regini regsvcs " +
    "remove-item restic rlogin rlwrap rpm rpmquery rsh run-mailcap run-parts runas runuser rview rvim saps scanmem scrot " +
    "select-string sendmail set-content setarch setcap setfacl setlock sfc shuf smbclient socat softlimit spps sqlmap ss " +
    "ssh-agent ssh-keygen ssh-keyscan sshpass start-job stdbuf sysctl takeown taskset tclsh tcsh tmate tmux torify " +
    "torsocks troff tshark tskill typeperf ulimit umask unshare unsquashfs userdel usermod uudecode uuencode vigr vimdiff " +
    "virsh whiptail whois winrs wsl wuauclt xdotool xelatex xz yarn zip zsoelim zypper " +
    "lsblk lspci lsusb ssh-add hostnamectl timedatectl loginctl localectl nproc tzselect updatedb sqlite3 mongosh a2enmod " +
    "supervisorctl initctl chkconfig update-rc.d sestatus getenforce auditctl ausearch iwconfig ethtool brctl firewall-cmd " +
    "dhclient resolvectl chvt lslogins fallocate blockdev losetup rpcinfo showmount smbmap enum4linux rpcclient ldapsearch " +
    "kinit klist netdiscover masscan ipcs ipcrm npx rustc tracepath iperf iperf3 ncdu zstd zcat bzcat xzcat zgrep zless " +
    "unxz unlzma unrar xmllint xsltproc shasum cksum w32tm getmac openfiles pnputil wbadmin winver bcdedit bootcfg dsquery " +
    "eventcreate phpinfo vssadmin wevtutil cacls icacls attrib xcopy robocopy findstr forfiles fsutil diskpart schtasks comm expr wc timeout getfacl ifdown killall pkill pgrep swapoff dmidecode lscpu lspci blkid vmstat iostat fdisk mkfs gunzip gzip bzip2 tar unzip",
);

/** The strength of a name in lower case. */
export function strengthOf(name: string): number {
  return names.numberOf(name);
}
